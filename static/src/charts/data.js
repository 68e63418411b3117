/* ChartSpec to plain points: rows of either shape, long rows split into series. Nulls stay null. */

export function rowsOf(spec) {
  const { rows = [], columns } = spec;
  if (!columns) return rows;
  return rows.map((row) => Object.fromEntries(columns.map((name, index) => [name, row[index]])));
}

export const numberOf = (value) => (value === null || value === undefined || value === "" ? null : Number(value));

/* {categories, series: [{name, style, axis, type, unit, values}]} in the order of the rows. */
export function tabulate(spec) {
  const rows = rowsOf(spec);
  const xOf = (row) => row[spec.x?.field];
  if (spec.split) return tabulateSplit(spec, rows, xOf);
  const series = (spec.series ?? []).map((entry) => ({ ...entry, values: rows.map((row) => numberOf(row[entry.field])) }));
  return { categories: rows.map(xOf), series };
}

function tabulateSplit(spec, rows, xOf) {
  const { field, limit = 8 } = spec.split;
  const measure = spec.series[0];
  const categories = [...new Set(rows.map(xOf))];
  const place = new Map(categories.map((category, index) => [category, index]));
  const names = biggest(rows, field, measure.field, limit);
  const series = names.map((name) => ({ ...measure, name: String(name ?? "(none)"), values: categories.map(() => null) }));
  const byName = new Map(names.map((name, index) => [name, series[index]]));
  const rest = { ...measure, name: "Other", style: "muted", values: categories.map(() => null) };
  for (const row of rows) {
    const target = byName.get(row[field]) ?? rest;
    const index = place.get(xOf(row));
    const value = numberOf(row[measure.field]);
    if (value !== null) target.values[index] = (target.values[index] ?? 0) + value;
  }
  return { categories, series: rest.values.some((value) => value !== null) ? [...series, rest] : series };
}

function biggest(rows, field, measure, limit) {
  const totals = new Map();
  for (const row of rows) totals.set(row[field], (totals.get(row[field]) ?? 0) + Math.abs(numberOf(row[measure]) ?? 0));
  return [...totals].sort((a, b) => b[1] - a[1]).slice(0, limit).map(([name]) => name);
}

/* Slices of a pie: the largest `keep`, the rest as "Other". */
export function slices(spec, keep = 6) {
  const { categories, series } = tabulate(spec);
  const all = categories.map((name, index) => ({ name: String(name ?? "(none)"), value: series[0]?.values[index] ?? 0 }));
  const sorted = all.filter(({ value }) => value > 0).sort((a, b) => b.value - a.value);
  if (sorted.length <= keep) return sorted;
  const rest = sorted.slice(keep - 1).reduce((sum, { value }) => sum + value, 0);
  return [...sorted.slice(0, keep - 1), { name: "Other", value: rest }];
}
