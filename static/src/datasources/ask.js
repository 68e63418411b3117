/* Runs or previews a statement on one datasource and shows the answer: rows, or what the gate has to say. */
import { announce } from "../kit/announce.js";
import { api } from "../kit/api.js";
import { make } from "../kit/dom.js";

const SHOWN = 200;

export function mount(section, signal) {
  const form = section.querySelector("form");
  const answer = section.querySelector("[data-answer]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = event.submitter;
    const preview = button?.name === "preview";
    button?.setAttribute("aria-busy", "true");
    try {
      const json = { sql: form.elements.sql.value, datasource_id: section.dataset.source };
      const found = await api(preview ? "queries/preview" : "queries/run", { method: "POST", json, signal });
      answer.replaceChildren(...(preview ? previewed(found) : ran(found)));
      announce(preview ? "The preview is there." : `${found.row_count} rows.`);
    } catch (problem) {
      if (signal.aborted) return;
      answer.replaceChildren(...refused(problem));
    } finally {
      button?.removeAttribute("aria-busy");
    }
  }, { signal });
}

function ran(found) {
  const notes = [
    `${found.row_count} rows`,
    `${found.duration_ms} ms`,
    `${bytes(found.estimated_bytes)} read`,
    found.cache_hit ? "from the cache" : "",
    found.redacted.length ? `redacted: ${found.redacted.join(", ")}` : "",
    found.row_count > SHOWN ? `first ${SHOWN} shown` : "",
    found.simulated ? "simulated: the sandbox answered" : "",
    ...found.warnings,
  ].filter(Boolean);
  return [make("p", { class: "muted" }, notes.join(" · ")), table(found)];
}

function table(found) {
  const head = make("tr", {}, ...found.columns.map((column) => make("th", { scope: "col", title: column.type }, column.name)));
  const rows = found.rows.slice(0, SHOWN).map((row) => make("tr", {}, ...row.map((value) => make("td", {}, text(value)))));
  const body = make("table", { class: "table" }, make("thead", {}, head), make("tbody", {}, ...rows));
  return make("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": "Result" }, body);
}

function previewed(found) {
  const line = `${found.decision.replaceAll("_", " ")} · ${bytes(found.estimated_bytes)} · $${(found.estimated_cost_usd ?? 0).toFixed(4)}`;
  return [make("p", {}, make("strong", {}, line)), ...rules(found.rules), make("pre", {}, found.final_sql)];
}

function refused(problem) {
  const body = problem.body ?? {};
  const alert = make("div", { class: "banner is-error", role: "alert" }, make("div", {}, problem.message));
  return [alert, ...rules(body.rules)];
}

function rules(list) {
  return (list ?? []).map((rule) => make("p", { class: "muted mb-0" }, `${rule.message} ${rule.remedy ?? ""}`));
}

function text(value) {
  if (value === null) return make("span", { class: "muted" }, "NULL");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function bytes(count) {
  if (!count) return "0 B";
  const step = Math.min(4, Math.floor(Math.log10(count) / 3));
  return `${(count / 1000 ** step).toFixed(step ? 1 : 0)} ${["B", "KB", "MB", "GB", "TB"][step]}`;
}
