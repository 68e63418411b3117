/* chart(element, spec) draws a ChartSpec (README.md) into an element and keeps it right: size, theme, table. */
import { make } from "../kit/dom.js";
import { palette } from "./colours.js";
import { numberOf, rowsOf } from "./data.js";
import { tableOf } from "./fallback.js";
import { optionOf } from "./options.js";
import { drawScalar } from "./scalar.js";
import { sparkline } from "./sparkline.js";

export function chart(element, spec) {
  if (rowsOf(spec).length === 0) return plain(element, make("p", { class: "chart-empty" }, spec.empty ?? "No data in this period"));
  if (spec.type === "scalar") return plain(element, drawScalar(spec));
  if (spec.type === "sparkline") return plain(element, sparkline(rowsOf(spec).map((row) => numberOf(row[spec.series[0].field]))));
  return drawn(element, spec);
}

function plain(element, content) {
  element.append(content);
  return { update: () => {}, dispose: () => content.remove() };
}

function drawn(element, spec) {
  const canvas = make("div", { class: "chart-canvas", role: "img", "aria-label": spec.description ?? spec.title ?? "Chart" });
  const table = make("div", { class: "chart-table visually-hidden", tabindex: "0", role: "region", "aria-label": `${spec.title ?? "Chart"} as a table` }, tableOf(spec));
  const toggle = make("button", { type: "button", class: "chart-switch" }, "Show as table");
  element.append(canvas, table, toggle);
  const cleaner = new AbortController();
  let instance = null;
  let current = spec;

  const draw = () => instance?.setOption(optionOf(current, palette(), { calm: isCalm() }), { notMerge: true });
  toggle.addEventListener("click", () => swap(canvas, table, toggle), { signal: cleaner.signal });
  document.addEventListener("atom:theme", draw, { signal: cleaner.signal });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw, { signal: cleaner.signal });
  const sizes = new ResizeObserver(() => instance?.resize());

  import("./engine.js").then(({ init }) => {
    if (cleaner.signal.aborted) return;
    instance = init(canvas);
    draw();
    sizes.observe(canvas);
    element.dataset.drawn = "yes";
  });

  return {
    update(next) {
      current = next;
      table.replaceChildren(tableOf(next));
      draw();
    },
    dispose() {
      cleaner.abort();
      sizes.disconnect();
      instance?.dispose();
      for (const part of [canvas, table, toggle]) part.remove();
    },
  };
}

const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

function swap(canvas, table, toggle) {
  const showTable = table.classList.contains("visually-hidden");
  table.classList.toggle("visually-hidden", !showTable);
  canvas.hidden = showTable;
  toggle.textContent = showTable ? "Show as chart" : "Show as table";
}
