/* A job's progress, live: over the socket, and by asking again while the socket is silent.
   <div data-behaviour="workflows/progress" data-run="…" data-topic="workflow.…" data-url="(JSON of the run)"
        data-then="reload" or data-then-url="…"> with the markup of components/_progress.html inside. */
import { api } from "../kit/api.js";
import { announce } from "../kit/announce.js";
import { subscribe } from "../realtime/client.js";

const over = new Set(["succeeded", "failed", "partial_failure", "cancelled", "done", "completed"]);
const pollEvery = 4000;

export function mount(element, signal) {
  const { topic, url } = element.dataset;
  let lastHeard = 0;
  const stop = topic ? subscribe(topic, ({ msg }) => hear(msg ?? {}), { since: sinceTheServerRendered() }) : () => {};
  const timer = url ? setInterval(() => Date.now() - lastHeard >= pollEvery && poll(), pollEvery) : 0;
  const finish = () => {
    clearInterval(timer);
    stop();
  };
  signal.addEventListener("abort", finish);

  function hear(message) {
    lastHeard = Date.now();
    show(element, message);
    if (message.type === "step") return; // a step that ended is not the end of the run
    if (!over.has(stateOf(message))) return;
    finish();
    conclude(element, message);
  }

  async function poll() {
    const run = await api(url, { signal }).catch(() => null);
    if (run && !signal.aborted) hear({ ...run, state: stateOf(run) });
  }
}

/* What was said between rendering and subscribing is not lost; what was said long before is not said again. */
const sinceTheServerRendered = () => `${Math.floor(performance.timeOrigin) - 3000}-0`;

const stateOf = (message) => String(message.state ?? message.status ?? "").toLowerCase();

function show(element, message) {
  const bar = element.querySelector("progress");
  const share = message.progress ?? message.fraction;
  if (bar && typeof share === "number") {
    bar.value = share;
    setText(element, "[data-percent]", `${Math.round(share * 100)} %`);
  }
  if (message.message) setText(element, "[data-message]", message.message);
  if (message.step) setText(element, "[data-step]", message.title ?? String(message.step).replaceAll("_", " "));
}

function setText(element, selector, text) {
  const target = element.querySelector(selector);
  if (target && target.textContent !== text) target.textContent = text;
}

function conclude(element, message) {
  const state = stateOf(message);
  const good = !["failed", "partial_failure", "cancelled"].includes(state);
  element.classList.add(good ? "is-done" : "is-failed");
  if (good) element.querySelector("progress")?.setAttribute("value", "1");
  element.querySelector("[data-cancel]")?.remove();
  announce(message.message || (good ? "Finished" : `The job has ended: ${state.replaceAll("_", " ")}`), { urgent: !good });
  element.dispatchEvent(new CustomEvent("atom:job-over", { bubbles: true, detail: message }));
  if (element.dataset.thenUrl && good) location.assign(element.dataset.thenUrl);
  else if (element.dataset.then === "reload") setTimeout(() => location.reload(), 400);
}
