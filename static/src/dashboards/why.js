/* "Why this number": definition, query, hash, estimate and where it comes from, in a dialog. */
import { make } from "../kit/dom.js";
import { formatBytes, formatDuration } from "../kit/number.js";

export function showWhy(card, answer) {
  const title = card.querySelector(".card-title").textContent;
  const close = make("button", { type: "button", class: "btn-close", "aria-label": "Close" });
  const head = make("div", { class: "sheet-head" }, make("h2", {}, title), close);
  const body = make("div", { class: "sheet-body stack" }, ...(answer ? parts(answer) : [make("p", { class: "muted" }, "This card has no answer yet.")]));
  const dialog = make("dialog", { class: "sheet is-wide", "aria-label": `Why this number: ${title}` }, head, body);
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function parts({ why, period, cache_hit: cached, simulated, answered_at: at, warnings }) {
  const facts = [
    ["Counts", why.definition],
    ["From", `${why.table}: ${why.columns.join(", ") || "all rows"}`],
    ["Period", `${period.from} to ${period.to}, days in ${period.tz}`],
    ["Estimated to read", `${formatBytes(why.estimated_bytes)} (≈ $${Number(why.estimated_cost_usd).toFixed(6)})`],
    ["Billed", cached ? "nothing, answered from the cache" : formatBytes(why.bytes_billed ?? 0)],
    ["Took", formatDuration(why.duration_ms)],
    ["Answered", new Date(at).toLocaleString()],
    ["Query hash", why.query_hash],
    ["Engine", simulated ? "sandbox (simulated)" : "live warehouse"],
  ];
  const list = make("dl", { class: "facts" });
  for (const [name, value] of facts) list.append(make("dt", {}, name), make("dd", { class: name === "Query hash" ? "hash" : "" }, value));
  const notes = warnings.map((warning) => make("p", { class: "is-warn" }, warning));
  return [list, ...notes, make("pre", { class: "why-sql", tabindex: "0", "aria-label": "SQL" }, why.sql)];
}
