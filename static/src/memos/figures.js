/* Every number of a memo opens its query and can be computed again: does it still hold? */
import { api } from "../kit/api.js";
import { make } from "../kit/dom.js";
import { formatBytes, formatDuration } from "../kit/number.js";

export function mount(article, signal) {
  article.addEventListener("click", (event) => {
    const figure = event.target.closest(".figure[data-path]");
    if (!figure) return;
    event.preventDefault();
    open(article, figure, signal);
  }, { signal });
}

function open(article, figure, signal) {
  const { path, query } = figure.dataset;
  const entry = article.querySelector(`[data-ref="${CSS.escape(query)}"]`);
  const close = make("button", { type: "button", class: "btn-close", "aria-label": "Close" });
  const button = make("button", { type: "button", class: "btn btn-primary" }, "Compute again");
  const verdict = make("div", { role: "status" }, "The same query runs again and is compared.");
  const facts = make("dl", { class: "facts" },
    make("dt", {}, "Figure"), make("dd", {}, make("strong", {}, figure.textContent)),
    make("dt", {}, "In the packet"), make("dd", { class: "hash" }, path),
    make("dt", {}, "Query"), make("dd", {}, query),
    make("dt", {}, "Query hash"), make("dd", { class: "hash" }, entry.querySelector(".hash").textContent));
  const dialog = make("dialog", { class: "sheet is-wide", "aria-label": "Where this number comes from" },
    make("div", { class: "sheet-head" }, make("h2", {}, "Where this number comes from"), close),
    make("div", { class: "sheet-body stack" }, facts, make("div", { class: "memo-check" }, button, verdict), make("pre", { class: "why-sql", tabindex: "0" }, entry.querySelector("pre").textContent)));
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  button.addEventListener("click", () => recheck(article.dataset, path, button, verdict, signal));
  document.body.append(dialog);
  dialog.showModal();
}

async function recheck({ memo, version }, path, button, verdict, signal) {
  button.setAttribute("aria-busy", "true");
  try {
    const found = await api(`memos/${memo}/recheck`, { method: "POST", json: { path, version: Number(version) }, signal });
    const cost = `${found.cache_hit ? "from cache" : formatBytes(found.bytes_billed)}, ${formatDuration(found.duration_ms)}`;
    const words = found.holds ? "It still holds: the query gives the same figure" : `It has changed: then ${found.then ?? "no data"}, now ${found.now ?? "no data"}`;
    verdict.className = found.holds ? "is-good" : "is-bad";
    verdict.textContent = `${words} (${cost}).`;
  } catch (error) {
    verdict.className = "is-bad";
    verdict.textContent = error.message;
  }
  button.removeAttribute("aria-busy");
}
