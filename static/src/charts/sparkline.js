/* A line without axes in plain SVG: no chart library needed. */
const space = "http://www.w3.org/2000/svg";

export function sparkline(values, { width = 120, height = 32 } = {}) {
  const known = values.filter((value) => value !== null);
  const low = Math.min(...known);
  const span = Math.max(...known) - low || 1;
  const x = (index) => 2 + (index * (width - 4)) / Math.max(1, values.length - 1);
  const y = (value) => height - 3 - ((value - low) / span) * (height - 6);
  let path = "";
  values.forEach((value, index) => {
    if (value === null) return;
    const joined = index > 0 && values[index - 1] !== null;
    path += `${joined ? "L" : "M"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
  });
  const svg = document.createElementNS(space, "svg");
  const line = document.createElementNS(space, "path");
  for (const [name, value] of Object.entries({ viewBox: `0 0 ${width} ${height}`, width: "100%", height: "100%", preserveAspectRatio: "none", "aria-hidden": "true" })) svg.setAttribute(name, value);
  for (const [name, value] of Object.entries({ d: path, class: "pic-line", "vector-effect": "non-scaling-stroke" })) line.setAttribute(name, value);
  svg.append(line);
  return svg;
}
