/* The same numbers as a table, for screen readers and for those who want to read them. */
import { make } from "../kit/dom.js";
import { tabulate } from "./data.js";
import { formatX, measure } from "./format.js";

const shownRows = 500;

export function tableOf(spec) {
  const { categories, series } = tabulate(spec);
  const heads = [spec.x?.name ?? spec.x?.field ?? "", ...series.map((entry) => entry.name ?? entry.field)];
  const head = make("tr", {}, ...heads.map((text, index) => make("th", { scope: "col", class: index ? "num" : null }, text)));
  const rows = categories.slice(0, shownRows).map((x, index) => rowOf(spec, x, series, index));
  const caption = make("caption", { class: "visually-hidden" }, spec.description ?? spec.title ?? "Chart data");
  return make("table", { class: "table table-sm" }, caption, make("thead", {}, head), make("tbody", {}, ...rows));
}

function rowOf(spec, x, series, index) {
  const values = series.map((entry) => make("td", { class: "num" }, measure(entry.values[index], spec, entry)));
  return make("tr", {}, make("th", { scope: "row" }, formatX(x, spec.x, "full")), ...values);
}
