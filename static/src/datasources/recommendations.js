/* Deciding about a list by keyboard: j and k move, space ticks, c confirms and x rejects the row in focus; one box ticks
   all, and the count of ticked rows is told. Works on any form whose rows carry data-advice. */
import { announce } from "../kit/announce.js";

export function mount(form, signal) {
  const rows = [...form.querySelectorAll("[data-advice]")];
  const all = form.querySelector("[data-tick-all]");
  const boxes = () => [...form.querySelectorAll("input[name=ids]")];
  all?.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
    tell();
  }, { signal });
  form.addEventListener("change", (event) => event.target.name === "ids" && tell(), { signal });
  document.addEventListener("keydown", (event) => onKey(event, rows), { signal });
  tell();

  function tell() {
    const ticked = boxes().filter((box) => box.checked).length;
    const note = form.querySelector("[data-ticked]");
    if (note) note.textContent = ticked ? `${ticked} ticked` : "";
    for (const button of form.querySelectorAll("button[name=bulk]")) button.disabled = ticked === 0;
    if (all) {
      all.checked = ticked > 0 && ticked === boxes().length;
      all.indeterminate = ticked > 0 && ticked < boxes().length;
    }
  }
}

function onKey(event, rows) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input:not([type=checkbox]), textarea, select")) return;
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const act = { j: () => move(rows, at + 1), k: () => move(rows, at - 1), c: () => press(rows[at], "[data-confirm-one]"), x: () => press(rows[at], "[data-reject]") }[event.key];
  if (act) {
    event.preventDefault();
    act();
  } else if (event.key === " " && rows[at] === document.activeElement) {
    event.preventDefault();
    rows[at].querySelector("input[name=ids]")?.click();
  }
}

function move(rows, to) {
  const row = rows[Math.min(Math.max(to, 0), rows.length - 1)];
  row?.focus();
  row?.scrollIntoView({ block: "nearest" });
  if (row) announce(row.querySelector("h3, strong")?.textContent.trim() ?? "");
}

function press(row, selector) {
  row?.querySelector(selector)?.click();
}
