/* A profile under way: counts and the current table over the socket; each finished table (and, while the socket is
   silent, every few seconds) the server draws the part anew.
   <div data-behaviour="datasources/profiling" data-topic="workflow.…" data-url="(this page)"> */
import htmx from "htmx.org/dist/htmx.esm.js";
import { subscribe } from "../realtime/client.js";

const redrawAfter = 400;
const pollEvery = 3000;

export function mount(element, signal) {
  const { topic, url } = element.dataset;
  let heard = 0;
  let waiting = 0;
  const stop = subscribe(topic, ({ msg }) => hear(msg ?? {}));
  const timer = setInterval(() => Date.now() - heard >= pollEvery && redraw(), pollEvery);
  signal.addEventListener("abort", () => {
    stop();
    clearInterval(timer);
    clearTimeout(waiting);
  });

  function hear(message) {
    heard = Date.now();
    show(element, message);
    const moved = message.type === "run" || message.type === "step" || message.table === "";
    if (moved && !waiting) waiting = setTimeout(redraw, redrawAfter);
  }

  function redraw() {
    waiting = 0;
    if (!signal.aborted) htmx.ajax("GET", url, { target: element, swap: "outerHTML" });
  }
}

function show(element, message) {
  const share = message.run_progress ?? message.progress;
  const bar = element.querySelector("progress");
  if (bar && typeof share === "number") {
    bar.value = share;
    write(element, "[data-percent]", `${Math.round(share * 100)} %`);
  }
  if (message.tables_total) write(element, "[data-done]", `${message.tables_done} of ${message.tables_total} tables`);
  if (message.message) write(element, "[data-current]", `· ${message.message}`);
  if (typeof message.eta_s === "number") write(element, "[data-eta]", `· about ${duration(message.eta_s)} left`);
  if (message.table) mark(element, message.table);
}

function mark(element, name) {
  const badge = element.querySelector(`[data-table="${CSS.escape(name)}"] [data-waiting]`);
  if (!badge) return;
  badge.textContent = "measuring";
  badge.className = "state state-busy";
}

const duration = (seconds) => (seconds < 90 ? `${Math.max(1, Math.round(seconds))} s` : `${Math.round(seconds / 60)} min`);

function write(element, selector, text) {
  const target = element.querySelector(selector);
  if (target && target.textContent !== text) target.textContent = text;
}
