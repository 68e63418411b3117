/* Keeps a list of runs or the page of one run fresh: bars move with each message, the part is read again when a state
   changes, and now and then while the socket is silent.
   <section data-behaviour="workflows/live" data-topics="workflow.a workflow.b" data-url="(this part)">; rows carry data-topic. */
import htmx from "htmx.org/dist/htmx.esm.js";
import { subscribe } from "../realtime/client.js";

const readAgainAfter = 250;
const readFirstAfter = 1500;
const readWhenSilent = 5000;

/* The last message seen of each topic: a part that was swapped resumes there, so nothing falls between old and new. */
const seen = new Map();

export function mount(element, signal) {
  let timer = 0;
  let lastHeard = Date.now();
  const topics = (element.dataset.topics || "").split(" ").filter(Boolean);
  const isFirst = !topics.some((topic) => seen.has(topic));
  const stops = topics.map((topic) => subscribe(topic, (message) => hear(topic, message), { since: seen.get(topic) }));
  // What happened between the server's answer and the subscription is in no message.
  if (isFirst) timer = setTimeout(readAgain, readFirstAfter);
  const watch = setInterval(() => Date.now() - lastHeard >= readWhenSilent && readAgain(), readWhenSilent);
  signal.addEventListener("abort", () => {
    clearInterval(watch);
    clearTimeout(timer);
    stops.forEach((stop) => stop());
  });

  function hear(topic, { id, msg }) {
    lastHeard = Date.now();
    if (id) seen.set(topic, id);
    if (msg?.type === "progress") show(rowOf(element, topic), msg);
    else readAgain();
  }

  function readAgain() {
    clearTimeout(timer);
    timer = setTimeout(() => isBusy(element) || fetchPart(element), readAgainAfter);
  }
}

const rowOf = (element, topic) => element.querySelector(`[data-topic="${CSS.escape(topic)}"]`);

/* Somebody typing, reading an opened detail, or about to press a button is not interrupted. */
function isBusy(element) {
  const focused = document.activeElement;
  const typing = element.contains(focused) && focused.matches("input, select");
  return typing || Boolean(element.querySelector("details[open]")) || Boolean(document.querySelector("dialog[open]"));
}

function fetchPart(element) {
  htmx.ajax("GET", element.dataset.url, { target: element, swap: "outerHTML" });
}

function show(row, message) {
  if (!row) return;
  const bar = row.querySelector("progress");
  if (bar && typeof message.progress === "number") bar.value = Math.max(bar.value, message.progress);
  setText(row, "[data-percent]", `${Math.round((bar?.value ?? 0) * 100)} %`);
  setText(row, "[data-step]", message.title);
  setText(row, "[data-message]", message.message);
}

function setText(row, selector, text) {
  const target = row.querySelector(selector);
  if (target && text && target.textContent !== text) target.textContent = text;
}
