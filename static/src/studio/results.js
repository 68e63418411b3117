/* The answer of a query as a table; rows are drawn in portions as the reader scrolls. */
import { make } from "../kit/dom.js";

const PORTION = 200;

export function showResult(place, answer) {
  const facts = [
    `${answer.row_count.toLocaleString()} ${answer.row_count === 1 ? "row" : "rows"}`,
    `${answer.duration_ms.toLocaleString(undefined, { maximumFractionDigits: 1 })} ms`,
  ];
  if (answer.cache_hit) facts.push("from the cache");
  if (answer.simulated) facts.push("simulated");
  if (answer.redacted.length) facts.push(`redacted: ${answer.redacted.join(", ")}`);
  const notes = answer.warnings.map((warning) => make("span", { class: "is-warn" }, ` · ${warning}`));
  const head = make("div", { class: "sql-facts", role: "status" }, facts.join(" · "), ...notes, exportButton(answer));
  place.replaceChildren(head, answer.columns.length ? table(answer) : make("p", { class: "muted sql-note" }, "No columns."));
}

function table(answer) {
  const header = answer.columns.map((column) =>
    make("th", { scope: "col", title: column.type }, column.name, make("span", { class: "sql-type" }, column.type)),
  );
  const body = make("tbody");
  const wrap = make(
    "div",
    { class: "table-wrap sql-rows", tabindex: "0", role: "region", "aria-label": "Result" },
    make("table", { class: "table table-sm sql-table" }, make("thead", {}, make("tr", {}, make("th", { class: "sql-number" }, "#"), ...header)), body),
  );
  let shown = 0;
  const more = () => {
    body.append(...answer.rows.slice(shown, shown + PORTION).map((row, index) => line(row, shown + index + 1)));
    shown = Math.min(shown + PORTION, answer.rows.length);
  };
  more();
  wrap.addEventListener("scroll", () => {
    if (shown < answer.rows.length && wrap.scrollTop + wrap.clientHeight > wrap.scrollHeight - 400) more();
  });
  if (answer.rows.length === 0) body.append(make("tr", {}, make("td", { colspan: answer.columns.length + 1, class: "muted" }, "No rows.")));
  return wrap;
}

function line(row, number) {
  return make("tr", {}, make("td", { class: "sql-number" }, String(number)), ...row.map(cell));
}

function cell(value) {
  if (value === null) return make("td", { class: "sql-null" }, "NULL");
  if (typeof value === "number") return make("td", { class: "num" }, String(value));
  if (typeof value === "boolean") return make("td", {}, value ? "true" : "false");
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return make("td", { title: text.length > 60 ? text.slice(0, 1000) : null }, text.length > 400 ? `${text.slice(0, 400)}…` : text);
}

function exportButton(answer) {
  const button = make("button", { type: "button", class: "btn btn-sm btn-ghost-secondary" }, "Download CSV");
  button.addEventListener("click", () => {
    const lines = [answer.columns.map((column) => column.name), ...answer.rows].map((row) => row.map(csv).join(","));
    const link = make("a", { download: "result.csv", href: URL.createObjectURL(new Blob([`${lines.join("\r\n")}\r\n`], { type: "text/csv" })) });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  return button;
}

/* A text that a spreadsheet would run as a formula gets an apostrophe in front. */
function csv(value) {
  if (value === null) return "";
  let text = typeof value === "object" ? JSON.stringify(value) : String(value);
  if (typeof value === "string" && /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text)) text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
