/* Sort and filter a table that is wholly in the page (up to a few hundred rows).
   <div data-behaviour="kit/table"><input type="search" data-filter> <table><thead><th data-sort="text|number|time">…
   A cell's sort key is data-value, else its text. Long lists sort and page on the server instead (components/_table.html). */
import { announce } from "./announce.js";
import { make } from "./dom.js";

export function mount(element, signal) {
  const body = element.querySelector("tbody");
  for (const head of element.querySelectorAll("th[data-sort]")) {
    const button = make("button", { type: "button", class: "sort" }, ...head.childNodes);
    head.replaceChildren(button);
    button.addEventListener("click", () => sortBy(head, body), { signal });
  }
  const filter = element.querySelector("[data-filter]");
  filter?.addEventListener("input", () => filterRows(element, body, filter.value), { signal });
}

function sortBy(head, body) {
  const ascending = head.getAttribute("aria-sort") !== "ascending";
  for (const other of head.parentElement.children) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
  const compare = comparing(head.cellIndex, head.dataset.sort, ascending ? 1 : -1);
  body.append(...[...body.rows].sort(compare));
  announce(`Sorted by ${head.textContent.trim()}, ${ascending ? "ascending" : "descending"}`);
}

function comparing(column, kind, direction) {
  const numeric = kind === "number";
  const key = (row) => {
    const cell = row.cells[column];
    const text = cell?.dataset.value ?? cell?.querySelector("time")?.getAttribute("datetime") ?? cell?.textContent.trim() ?? "";
    return numeric ? Number(text) : text;
  };
  return (a, b) => {
    const [left, right] = [key(a), key(b)];
    return direction * (numeric ? left - right : left.localeCompare(right, undefined, { numeric: true }));
  };
}

function filterRows(element, body, text) {
  const wanted = text.trim().toLowerCase();
  let shown = 0;
  for (const row of body.rows) {
    row.hidden = wanted !== "" && !row.textContent.toLowerCase().includes(wanted);
    if (!row.hidden) shown += 1;
  }
  const note = element.querySelector("[data-no-match]");
  if (note) note.hidden = shown > 0;
  announce(`${shown} rows`);
}
