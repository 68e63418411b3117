/* The approvals inbox, and the page of one approval: read again when the socket tells of a change (data-topic, data-url;
   data-only names the one approval that matters), never while somebody writes or has chosen lines. Keys j, k, x. */
import htmx from "htmx.org/dist/htmx.esm.js";
import { announce } from "../kit/announce.js";
import { subscribe } from "../realtime/client.js";

const readAgainAfter = 150;
const tryAgainAfter = 2000;

export function mount(element, signal) {
  let timer = 0;
  const { topic, only, url } = element.dataset;
  const stop = subscribe(topic, hear, { onGap: () => later(readAgainAfter) });
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    stop();
  });
  element.querySelector("[data-all]")?.addEventListener("change", (event) => choose(element, event.target.checked), { signal });
  document.addEventListener("keydown", (event) => move(element, event), { signal });

  function hear({ msg, replayed }) {
    if (replayed || msg?.type !== "approval" || (only && msg.id !== only)) return;
    if (only) announce(`This approval is ${msg.state}`);
    later(readAgainAfter);
  }

  function later(wait) {
    clearTimeout(timer);
    timer = setTimeout(() => (isBusy(element) ? later(tryAgainAfter) : htmx.ajax("GET", url || location.href, { target: element, swap: "outerHTML" })), wait);
  }
}

function isBusy(element) {
  const focused = document.activeElement;
  const isWriting = element.contains(focused) && focused.matches("textarea, input:not([type=checkbox])");
  return isWriting || Boolean(element.querySelector("input[name=id]:checked")) || Boolean(document.querySelector("dialog[open]"));
}

function choose(element, checked) {
  const boxes = element.querySelectorAll("input[name=id]");
  for (const box of boxes) box.checked = checked;
  announce(checked ? `${boxes.length} chosen` : "None chosen");
}

function move(element, event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input:not([type=checkbox]), textarea, select")) return;
  const links = [...element.querySelectorAll("[data-open]")];
  const at = links.findIndex((link) => link.closest("[data-row]").contains(document.activeElement));
  if (event.key === "j") links[Math.min(at + 1, links.length - 1)]?.focus();
  else if (event.key === "k") links[Math.max(at - 1, 0)]?.focus();
  else if (event.key === "x" && at >= 0) links[at].closest("[data-row]").querySelector("input[name=id]")?.click();
}
