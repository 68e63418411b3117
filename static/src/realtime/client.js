/* The page's one socket: subscribe(topic, onMessage, {since, onGap}) -> unsubscribe. Reconnects with back-off and jitter
   and resumes each topic after the last message it saw. onMessage gets {topic, id, msg, at, replayed}, each message once;
   onGap is called when messages may have been missed: read the state again. */
import { socketPrefix } from "../kit/page.js";

const firstWait = 500;
const longestWait = 20_000;
const quietAfter = 45_000;
const refused = new Set([4401, 4403]);
const topics = new Map();
let socket = null;
let wait = firstWait;
let heard = 0;

export function subscribe(topic, onMessage, { since, onGap } = {}) {
  const entry = topics.get(topic) ?? { listeners: new Set(), last: undefined };
  const listener = { onMessage, onGap, last: since, from: Date.now() };
  const isNew = entry.listeners.size === 0;
  if (isNew) entry.last = since;
  entry.listeners.add(listener);
  topics.set(topic, entry);
  if (!socket) connect();
  else if (socket.readyState === WebSocket.OPEN && (isNew || since !== undefined)) follow(topic, isNew ? entry.last : since);
  return () => leave(topic, entry, listener);
}

function leave(topic, entry, listener) {
  entry.listeners.delete(listener);
  if (entry.listeners.size > 0 || topics.get(topic) !== entry) return;
  topics.delete(topic);
  say({ unsubscribe: { topic } });
}

function connect() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  socket = new WebSocket(`${scheme}://${location.host}${socketPrefix()}/ws/realtime`);
  socket.addEventListener("open", () => {
    heard = Date.now();
    for (const [topic, entry] of topics) follow(topic, entry.last);
  });
  socket.addEventListener("message", (event) => receive(JSON.parse(event.data)));
  socket.addEventListener("close", (event) => lost(event.code));
}

function follow(topic, since) {
  say({ subscribe: since === undefined ? { topic } : { topic, since } });
}

function say(message) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function receive(message) {
  heard = Date.now();
  if (message.type) {
    answered(message);
    return;
  }
  const entry = topics.get(message.topic);
  if (!entry) return;
  if (isAfter(message.id, entry.last)) entry.last = message.id;
  for (const listener of entry.listeners) {
    if (!isAfter(message.id, listener.last)) continue;
    listener.last = message.id;
    listener.onMessage({ ...message, replayed: Date.parse(message.at) < listener.from - 1000 });
  }
}

function answered(message) {
  if (message.type === "ready") {
    wait = firstWait;
    setState("open");
    return;
  }
  if (message.type === "error") document.dispatchEvent(new CustomEvent("atom:socket-error", { detail: message }));
  const entry = topics.get(message.topic);
  if (!entry) return;
  /* Without a message yet, a reconnect resumes after what was newest when the topic was first followed. */
  if (message.type === "subscribed" && entry.last === undefined) entry.last = message.last_id;
  if (message.type === "resync" || message.gap) for (const { onGap } of entry.listeners) onGap?.();
}

/* Ids are "<milliseconds>-<number>"; "0" is the beginning. */
function isAfter(id, last) {
  if (last === undefined || id === null) return true;
  const [at, number] = String(id).split("-").map(Number);
  const [lastAt, lastNumber = 0] = String(last).split("-").map(Number);
  return at > lastAt || (at === lastAt && number > lastNumber);
}

function lost(code) {
  socket = null;
  setState("closed");
  if (topics.size === 0 || refused.has(code)) return;
  setTimeout(() => !socket && topics.size > 0 && connect(), wait * (0.5 + Math.random()));
  wait = Math.min(wait * 2, longestWait);
}

function setState(state) {
  document.documentElement.dataset.socket = state;
  document.dispatchEvent(new CustomEvent("atom:socket", { detail: state }));
}

setInterval(() => {
  if (socket?.readyState !== WebSocket.OPEN) return;
  if (Date.now() - heard > quietAfter) socket.close(4000, "quiet");
  else say({ ping: 1 });
}, 15_000);

addEventListener("pagehide", () => socket?.close(1000));
addEventListener("online", () => topics.size > 0 && !socket && connect());
