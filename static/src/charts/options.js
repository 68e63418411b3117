/* ChartSpec to an ECharts option. One function per kind of chart. */
import { slices, tabulate } from "./data.js";
import { formatX, short } from "./format.js";
import { tip } from "./tips.js";

export function optionOf(spec, colours, { calm }) {
  const build = builders[spec.type];
  if (!build) throw new Error(`No chart is called "${spec.type}"`);
  return {
    animation: !calm,
    animationDuration: 250,
    useUTC: true,
    color: colours.series,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: colours.text },
    tooltip: tip(spec, colours),
    ...build(spec, colours),
  };
}

const builders = {
  line: cartesian,
  area: cartesian,
  bar: cartesian,
  stacked: cartesian,
  stacked_area: cartesian,
  share: cartesian,
  hbar: horizontal,
  scatter: cartesian,
  pie,
  funnel,
  heatmap,
};

function cartesian(spec, colours) {
  const { categories, series } = spec.type === "share" ? shares(tabulate(spec)) : tabulate(spec);
  const several = series.length > 1;
  const right = series.some((entry) => entry.axis === "right");
  return {
    legend: legend(several, colours),
    grid: { left: 8, right: right ? 8 : 16, top: several ? 36 : 16, bottom: 4, outerBoundsMode: "same", outerBounds: { left: 4, right: 8, top: several ? 30 : 8, bottom: 4 } },
    xAxis: xAxis(spec, categories, colours),
    yAxis: [yAxis(spec, colours), ...(right ? [{ ...yAxis(spec, colours), splitLine: { show: false } }] : [])],
    series: series.map((entry, index) => cartesianSeries(spec, entry, categories, index, colours)),
  };
}

function cartesianSeries(spec, entry, categories, index, colours) {
  const kind = entry.type ?? kindOf(spec.type);
  const stacked = ["stacked", "stacked_area", "share"].includes(spec.type);
  const points = spec.x?.type === "number" ? categories.map((x, at) => [x, entry.values[at]]) : entry.values;
  const common = { type: kind, name: entry.name ?? entry.field, data: points, yAxisIndex: entry.axis === "right" ? 1 : 0 };
  const colour = entry.style === "muted" ? colours.quiet : undefined;
  const marks = index === 0 ? markLine(spec, colours) : {};
  if (kind === "bar") return { ...common, ...marks, stack: stacked ? "all" : undefined, barMaxWidth: 40, itemStyle: { color: colour, borderRadius: stacked ? 0 : [3, 3, 0, 0] } };
  if (kind === "scatter") return { ...common, ...marks, symbolSize: 7 };
  const filled = spec.type === "area" || spec.type === "stacked_area";
  return {
    ...common,
    ...marks,
    stack: stacked ? "all" : undefined,
    sampling: points.length > 2000 ? "lttb" : undefined,
    showSymbol: points.length <= 14,
    symbolSize: 5,
    connectNulls: false,
    itemStyle: { color: colour },
    lineStyle: { width: 2, type: entry.style === "dashed" ? "dashed" : "solid" },
    areaStyle: filled ? { opacity: stacked ? 0.5 : 0.14 } : undefined,
  };
}

const kindOf = (type) => ({ bar: "bar", stacked: "bar", share: "bar", scatter: "scatter" })[type] ?? "line";

function shares({ categories, series }) {
  const totals = categories.map((_, at) => series.reduce((sum, entry) => sum + (entry.values[at] ?? 0), 0));
  const unit = { kind: "percent" };
  return { categories, series: series.map((entry) => ({ ...entry, unit, values: entry.values.map((value, at) => (totals[at] ? (value ?? 0) / totals[at] : null)) })) };
}

function horizontal(spec, colours) {
  const { categories, series } = tabulate(spec);
  const several = series.length > 1;
  return {
    legend: legend(several, colours),
    grid: { left: 8, right: 24, top: several ? 36 : 8, bottom: 4, outerBoundsMode: "same" },
    yAxis: { ...xAxis(spec, categories, colours), inverse: true, axisLabel: { color: colours.quiet, width: 120, overflow: "truncate" } },
    xAxis: { ...yAxis(spec, colours), splitNumber: 2 },
    series: series.map((entry) => ({ type: "bar", name: entry.name ?? entry.field, data: entry.values, barMaxWidth: 22, itemStyle: { borderRadius: [0, 3, 3, 0] } })),
  };
}

function xAxis(spec, categories, colours) {
  const shape = spec.format?.x ?? "day";
  const label = { color: colours.quiet, hideOverlap: true, formatter: (value) => formatX(value, spec.x, shape) };
  const line = { axisLine: { lineStyle: { color: colours.line } }, axisTick: { show: false } };
  if (spec.x?.type === "number") return { type: "value", scale: true, axisLabel: label, splitLine: { show: false }, ...line };
  return { type: "category", data: categories.map((value) => value ?? "(none)"), axisLabel: label, ...line };
}

function yAxis(spec, colours) {
  const unit = spec.type === "share" ? { unit: { kind: "percent", decimals: 0 } } : spec;
  return {
    type: "value",
    max: spec.type === "share" ? 1 : undefined,
    interval: spec.type === "share" ? 0.25 : undefined,
    splitNumber: 4,
    axisLabel: { color: colours.quiet, hideOverlap: true, formatter: (value) => short(value, unit, spec.type === "share" ? undefined : spec.series?.[0]) },
    splitLine: { lineStyle: { color: colours.line } },
  };
}

function legend(shown, colours) {
  return { show: shown, type: "plain", top: 0, left: 0, itemWidth: 12, itemHeight: 8, icon: "roundRect", textStyle: { color: colours.text } };
}

function markLine(spec, colours) {
  if (!spec.marks?.length) return {};
  const data = spec.marks.map((mark) => ({ xAxis: mark.x, name: mark.label, label: { formatter: mark.label ?? "", color: colours.warning, fontSize: 11 } }));
  return { markLine: { symbol: "none", silent: true, lineStyle: { color: colours.warning, type: "dashed" }, data } };
}

function pie(spec, colours) {
  return {
    legend: { ...legend(true, colours), top: "auto", left: "center", bottom: 0 },
    series: [{ type: "pie", radius: ["44%", "70%"], center: ["50%", "42%"], name: spec.series[0].name, label: { show: false }, data: slices(spec), itemStyle: { borderColor: colours.ground, borderWidth: 2 } }],
  };
}

function funnel(spec, colours) {
  const { categories, series } = tabulate(spec);
  const data = categories.map((name, index) => ({ name: String(name), value: series[0].values[index] ?? 0 }));
  const label = { position: "inside", color: "#fff", formatter: ({ name, value }) => `${name}  ${short(value, spec, spec.series[0])}` };
  return { series: [{ type: "funnel", sort: "none", left: 8, right: 8, top: 8, bottom: 8, gap: 2, minSize: "18%", label, itemStyle: { borderColor: colours.ground }, data }] };
}

function heatmap(spec, colours) {
  const rows = spec.columns ? spec.rows.map((row) => Object.fromEntries(spec.columns.map((name, index) => [name, row[index]]))) : spec.rows;
  const xs = [...new Set(rows.map((row) => row[spec.x.field]))];
  const ys = [...new Set(rows.map((row) => row[spec.y.field]))];
  const field = spec.series[0].field;
  const data = rows.map((row) => [xs.indexOf(row[spec.x.field]), ys.indexOf(row[spec.y.field]), row[field] ?? "-"]);
  const values = data.map((point) => point[2]).filter((value) => value !== "-");
  return {
    grid: { left: 8, right: 16, top: 8, bottom: 40, outerBoundsMode: "same" },
    xAxis: { ...xAxis(spec, xs, colours), splitArea: { show: false } },
    yAxis: { type: "category", data: ys, axisLabel: { color: colours.quiet, formatter: (value) => formatX(value, spec.y) }, axisTick: { show: false } },
    visualMap: { type: "continuous", min: Math.min(...values, 0), max: Math.max(...values, 1), calculable: false, orient: "horizontal", left: "center", bottom: 0, itemHeight: 120, itemWidth: 10, inRange: { color: colours.ramp }, textStyle: { color: colours.quiet }, formatter: (value) => short(value, spec, spec.series[0]) },
    series: [{ type: "heatmap", name: spec.series[0].name ?? field, data, itemStyle: { borderColor: colours.ground, borderWidth: 1 } }],
  };
}
