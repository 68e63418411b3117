/* One card of a board: asks for its answer, draws it, says why. Asks again when the board's period changes. */
import { chart } from "../charts/echarts.js";
import { Problem } from "../kit/api.js";
import { make } from "../kit/dom.js";
import { formatNumber } from "../kit/number.js";
import { ask } from "./queue.js";
import { showWhy } from "./why.js";

export function mount(element, signal) {
  const board = element.closest(".board");
  const body = element.querySelector("[data-body]");
  const foot = element.querySelector("[data-foot]");
  let drawn = null;
  let answer = null;
  let turn = 0;

  async function load() {
    const mine = ++turn;
    element.setAttribute("aria-busy", "true");
    try {
      const found = await ask(addressOf(board, element.dataset.card), signal);
      if (mine === turn) show(found);
    } catch (error) {
      if (signal.aborted || mine !== turn) return;
      answer = null;
      replace(failed(error, load));
      foot.replaceChildren();
    }
    if (mine === turn) element.removeAttribute("aria-busy");
  }

  function show(found) {
    answer = found;
    element.dataset.state = found.state;
    const parts = [`${found.period.from} – ${found.period.to}`, found.cache_hit ? "from cache" : null, found.simulated ? "SIM" : null];
    foot.textContent = parts.filter(Boolean).join(" · ");
    if (found.state === "empty") replace(make("div", { class: "board-note" }, make("span", {}, found.message), found.hint ? make("small", {}, found.hint) : null));
    else if (found.table) replace(tableOf(found));
    else if (found.text) replace(make("div", { class: "board-text" }, moment(found)));
    else draw(found.chart);
  }

  function draw(spec) {
    const figure = make("div", { class: "chart chart-fill" });
    replace(figure);
    drawn = chart(figure, { ...spec, title: undefined, name: spec.title });
  }

  function replace(content) {
    drawn?.dispose();
    drawn = null;
    body.replaceChildren(content);
  }

  element.querySelector("[data-why]").addEventListener("click", () => showWhy(element, answer), { signal });
  board.addEventListener("atom:period", load, { signal });
  signal.addEventListener("abort", () => drawn?.dispose());
  load();
}

function addressOf(board, card) {
  const { dashboard, version, from, to, tz } = board.dataset;
  const query = new URLSearchParams({ from, to, tz, ...(version ? { version } : {}) });
  return `dashboards/${dashboard}/cards/${encodeURIComponent(card)}/data?${query}`;
}

function failed(error, again) {
  const text = error instanceof Problem ? error.message : "The answer did not arrive.";
  const button = make("button", { type: "button", class: "btn btn-sm" }, "Try again");
  button.addEventListener("click", again);
  return make("div", { class: "board-note is-failed", role: "alert" }, make("span", {}, text), button);
}

function tableOf({ table, title }) {
  const head = make("tr", {}, ...table.columns.map((column) => make("th", { scope: "col", class: column.unit ? "num" : "" }, column.label)));
  const rows = table.rows.map((row) => make("tr", {}, ...row.map((cell, at) => cellOf(cell, table.columns[at]))));
  const grid = make("table", { class: "table board-table" }, make("caption", { class: "visually-hidden" }, title), make("thead", {}, head), make("tbody", {}, ...rows));
  return make("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": title }, grid);
}

const cellOf = (cell, column) => make("td", { class: column.unit ? "num" : "" }, column.unit ? formatNumber(cell, column.unit) : String(cell));

/* A day stays a day; an instant is shown in the board's zone, with the zone. */
function moment({ text, period }) {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(text));
  const isInstant = /(Z|[+-]\d{2}:?\d{2})$/.test(text);
  const at = new Date(isInstant ? text : `${text.replace(" ", "T")}Z`);
  if (Number.isNaN(at.getTime())) return text;
  const shape = { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" };
  return new Intl.DateTimeFormat(undefined, isInstant ? { ...shape, timeZone: period.tz, timeZoneName: "short" } : { ...shape, timeZone: "UTC" }).format(at);
}
