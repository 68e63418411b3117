/* Command palette: pages at once from the navigation, everything else from the server as you type. */
import { announce } from "../kit/announce.js";
import { icon, make } from "../kit/dom.js";

const wait = 140;

export function mount(dialog, signal) {
  const input = dialog.querySelector("input");
  const list = dialog.querySelector("[role=listbox]");
  const note = dialog.querySelector(".palette-note");
  let timer, asked;

  const show = (entries, text) => {
    list.replaceChildren(...entries.map(optionOf));
    list.hidden = entries.length === 0;
    note.hidden = entries.length > 0;
    note.textContent = text ? `Nothing called “${text}”.` : "";
    select(list, input, list.firstElementChild);
  };
  const search = async () => {
    const text = input.value.trim();
    asked?.abort();
    const pages = matching(pagesOf(), text);
    show(pages, text);
    if (!text) return;
    asked = new AbortController();
    const found = await ask(dialog.dataset.url, text, asked.signal);
    if (!found || input.value.trim() !== text) return;
    const known = new Set(pages.map((entry) => entry.url));
    show([...pages, ...found.filter((entry) => !known.has(entry.url))], text);
    announce(`${list.children.length} results`);
  };

  new MutationObserver(() => dialog.open && reset()).observe(dialog, { attributeFilter: ["open"] });
  const reset = () => {
    input.value = "";
    search();
    input.focus();
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, wait);
  }, { signal });
  input.addEventListener("keydown", (event) => onKey(event, list, input), { signal });
  list.addEventListener("click", (event) => go(event.target.closest("[role=option]")), { signal });
  if (dialog.open) reset();
}

function pagesOf() {
  return [...document.querySelectorAll("a[data-page]")].map((link) => ({
    title: link.dataset.page,
    kind: link.dataset.section || "Page",
    icon: link.dataset.icon || "arrow-right",
    url: link.getAttribute("href"),
  }));
}

function matching(entries, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (entry) => words.every((word) => `${entry.title} ${entry.kind}`.toLowerCase().includes(word));
  return entries.filter(fits).slice(0, 8);
}

async function ask(url, text, signal) {
  try {
    const response = await fetch(`${url}?q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" }, signal });
    return response.ok ? (await response.json()).items : null;
  } catch (error) {
    if (error.name === "AbortError") return null;
    throw error;
  }
}

function optionOf(entry, index) {
  const attributes = { role: "option", id: `palette-${index}`, "data-url": entry.url, "aria-selected": "false" };
  return make("li", attributes, icon(entry.icon), make("span", {}, entry.title), make("small", {}, entry.kind));
}

function select(list, input, option) {
  list.querySelector('[aria-selected="true"]')?.setAttribute("aria-selected", "false");
  input.setAttribute("aria-activedescendant", option?.id ?? "");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
}

function onKey(event, list, input) {
  const current = list.querySelector('[aria-selected="true"]');
  if (event.key === "ArrowDown") select(list, input, current?.nextElementSibling ?? list.firstElementChild);
  else if (event.key === "ArrowUp") select(list, input, current?.previousElementSibling ?? list.lastElementChild);
  else if (event.key === "Enter") go(current);
  else return;
  event.preventDefault();
}

function go(option) {
  if (option) location.assign(option.dataset.url);
}
