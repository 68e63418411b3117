/* The SQL editor's page: run (Ctrl-Enter) the selection or everything, explain, results, tables, a draft that survives reload. */
import { announce } from "../kit/announce.js";
import { api } from "../kit/api.js";
import { make } from "../kit/dom.js";
import { pageData, prefix } from "../kit/page.js";
import { createEditor } from "./editor.js";
import { showPlan } from "./plan.js";
import { showResult } from "./results.js";
import { filterTables, schemaOf, showTables } from "./tables.js";

export async function mount(element, signal) {
  const part = (name) => element.querySelector(`[data-part="${name}"]`);
  const settings = pageData("sql-page");
  const draftKey = `atom:sql:${prefix()}`;
  const page = { element, part, settings, signal, output: part("output"), tables: part("tables"), source: part("datasource"), running: null };
  page.editor = createEditor(part("editor"), {
    text: settings.text || localStorage.getItem(draftKey) || settings.starter,
    label: "SQL statement",
    onRun: () => settings.can_run && execute(page),
    onChange: (text) => localStorage.setItem(draftKey, text),
  });
  signal.addEventListener("abort", () => (page.running?.abort(), page.editor.destroy()));
  listen(page);
  busy(page, false);
  await loadTables(page);
}

function listen(page) {
  const { part, signal } = page;
  part("run").addEventListener("click", () => execute(page), { signal });
  part("stop").addEventListener("click", () => (page.running?.abort(), busy(page, false)), { signal });
  part("explain").addEventListener("click", () => explain(page), { signal });
  page.source.addEventListener("change", () => loadTables(page), { signal });
  part("filter").addEventListener("input", (event) => filterTables(page.tables, event.target.value), { signal });
}

const execute = (page) =>
  ask(page, "data/query", { datasource_id: page.source.value, limit: Number(page.part("limit").value) }, showResult);
const explain = (page) => ask(page, "data/explain", { datasource_id: page.source.value }, showPlan);

function statementOf(editor) {
  const selected = editor.selected();
  return selected.trim() ? { sql: selected, base: editor.offset() } : { sql: editor.text(), base: 0 };
}

async function ask(page, path, body, show) {
  page.running?.abort();
  const mine = (page.running = new AbortController());
  const { sql, base } = statementOf(page.editor);
  page.editor.clearError();
  busy(page, true);
  try {
    const answer = await api(path, { method: "POST", json: { sql, ...body }, signal: mine.signal });
    show(page.output, answer);
    announce(answer.row_count === undefined ? "Plan ready" : `${answer.row_count} rows`);
  } catch (error) {
    if (error.name !== "AbortError") fail(page, error, base);
  } finally {
    if (page.running === mine) busy(page, false);
  }
}

function busy({ element, part, settings }, is) {
  element.classList.toggle("is-running", is);
  for (const name of ["run", "explain"]) part(name).disabled = is || !settings.can_run;
  part("stop").hidden = !is;
  element.setAttribute("aria-busy", String(is));
}

function fail(page, error, base) {
  const body = error.body || {};
  const place = body.rules?.find((rule) => rule.line) || body;
  if (place.line || Number.isInteger(body.position)) page.editor.showError({ ...place, position: body.position, base });
  const steps = (body.next_steps || []).map((step) => make("li", {}, step.label || String(step)));
  const spot = place.line ? ` (line ${place.line}, column ${place.column})` : "";
  page.output.replaceChildren(
    make("div", { class: "sql-error", role: "alert" }, make("strong", {}, `${error.message}${spot}`),
      steps.length ? make("ul", {}, ...steps) : null,
      error.requestId ? make("div", { class: "muted hash" }, `Request ${error.requestId}`) : null),
  );
}

async function loadTables({ part, settings, source, tables: place, editor, signal }) {
  const datasource = settings.datasources.find((each) => each.id === source.value);
  if (!datasource) return;
  const isPostgres = datasource.type === "postgres";
  part("explain").hidden = !isPostgres;
  place.replaceChildren(make("p", { class: "muted sql-note" }, isPostgres ? "Loading…" : "The catalog lists the tables of a warehouse."));
  try {
    const found = isPostgres ? (await api(`data/tables?datasource_id=${datasource.id}`, { signal })).tables : [];
    if (isPostgres) showTables(place, found, editor);
    editor.speak(datasource.type, schemaOf(found));
  } catch (error) {
    if (error.name !== "AbortError") place.replaceChildren(make("p", { class: "is-bad sql-note" }, error.message));
  }
}
