/* Tooltips built from elements: no HTML strings, no inline styles (the page's policy forbids both). */
import { make } from "../kit/dom.js";
import { formatX, measure } from "./format.js";

export function tip(spec, colours) {
  return {
    trigger: axisTypes.has(spec.type) ? "axis" : "item",
    appendTo: "body",
    confine: false,
    backgroundColor: colours.ground,
    borderColor: colours.line,
    textStyle: { color: colours.text, fontFamily: "inherit", fontSize: 13 },
    transitionDuration: 0,
    position: beside,
    axisPointer: { type: spec.type === "bar" || spec.type === "stacked" || spec.type === "share" ? "shadow" : "line" },
    formatter: (found) => contents(spec, Array.isArray(found) ? found : [found]),
  };
}

const axisTypes = new Set(["line", "area", "bar", "hbar", "stacked", "stacked_area", "share"]);

function beside(point, _params, _element, _rect, size) {
  const [width, height] = size.contentSize;
  const left = point[0] + width + 24 > size.viewSize[0] ? point[0] - width - 12 : point[0] + 12;
  return [Math.max(4, left), Math.max(4, point[1] - height / 2)];
}

function contents(spec, entries) {
  const first = entries[0];
  const heading = first.axisValue ?? first.name;
  const lines = entries.filter((entry) => valueOf(spec, entry) !== null).map((entry) => lineOf(spec, entry));
  const title = spec.x ? formatX(heading, spec.x, "full") : String(heading);
  return make("div", { class: "chart-tip" }, make("strong", {}, title), ...lines);
}

function valueOf(spec, entry) {
  const value = Array.isArray(entry.value) ? entry.value.at(-1) : entry.value;
  return value === "-" || value === undefined ? null : value;
}

function lineOf(spec, entry) {
  const key = make("span", { class: "chart-key" });
  key.style.background = typeof entry.color === "string" ? entry.color : "currentColor";
  const series = spec.split ? spec.series[0] : spec.series?.[entry.seriesIndex];
  const name = entry.seriesName?.startsWith("series\u0000") ? "" : entry.seriesName;
  return make("div", {}, key, make("span", {}, name ?? ""), make("span", {}, measure(valueOf(spec, entry), spec, series)));
}
