/* One number, large; its change against a comparison; the way there as a small line. */
import { make } from "../kit/dom.js";
import { formatNumber } from "../kit/number.js";
import { numberOf, rowsOf } from "./data.js";
import { measure } from "./format.js";
import { sparkline } from "./sparkline.js";

export function drawScalar(spec) {
  const rows = rowsOf(spec);
  const field = spec.series[0].field;
  const values = rows.map((row) => numberOf(row[field]));
  const last = rows.at(-1) ?? {};
  const value = numberOf(last[field]);
  const box = make("div", { class: "scalar" }, make("div", { class: "scalar-value" }, measure(value, spec, spec.series[0])));
  if (spec.compare) box.append(changeOf(value, numberOf(last[spec.compare.field]), spec));
  if (values.length > 2) box.append(make("div", { class: "scalar-line" }, sparkline(values)));
  return box;
}

function changeOf(now, before, spec) {
  const name = spec.compare.name ?? "before";
  if (now === null || !before) return make("div", { class: "scalar-change" }, `No comparison with ${name}`);
  const share = (now - before) / Math.abs(before);
  const sign = share > 0 ? "▲" : share < 0 ? "▼" : "■";
  const good = (share > 0) === ((spec.better ?? "up") === "up");
  const mood = share === 0 || !spec.better ? "" : good ? "is-good" : "is-bad";
  const words = share === 0 ? "no change" : formatNumber(Math.abs(share), { kind: "percent" });
  const change = make("span", { class: mood }, `${sign} ${words}`);
  return make("div", { class: "scalar-change" }, change, ` vs ${name} (${measure(before, spec, spec.series[0])})`);
}
