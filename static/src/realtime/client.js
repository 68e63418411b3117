/* The page's one socket: subscribe(topic, onMessage, {since}) -> unsubscribe. Reconnects with back-off and resumes each
   topic after the last message it saw. onMessage gets {topic, id, msg, at, replayed}. */
import { prefix } from "../kit/page.js";

const firstWait = 500;
const longestWait = 20_000;
const quietAfter = 45_000;
const refused = new Set([4401, 4403]);
const topics = new Map();
let socket = null;
let wait = firstWait;
let heard = 0;

export function subscribe(topic, onMessage, { since } = {}) {
  const entry = topics.get(topic) ?? { listeners: new Set(), last: since, from: Date.now() };
  const isNew = entry.listeners.size === 0;
  entry.listeners.add(onMessage);
  topics.set(topic, entry);
  if (!socket) connect();
  else if (isNew && socket.readyState === WebSocket.OPEN) follow(topic, entry);
  return () => leave(topic, entry, onMessage);
}

function leave(topic, entry, onMessage) {
  entry.listeners.delete(onMessage);
  if (entry.listeners.size > 0) return;
  topics.delete(topic);
  say({ unsubscribe: { topic } });
}

function connect() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  socket = new WebSocket(`${scheme}://${location.host}${prefix()}/ws/realtime`);
  socket.addEventListener("open", () => {
    wait = firstWait;
    heard = Date.now();
    for (const [topic, entry] of topics) follow(topic, entry);
    setState("open");
  });
  socket.addEventListener("message", (event) => receive(JSON.parse(event.data)));
  socket.addEventListener("close", (event) => lost(event.code));
}

function follow(topic, entry) {
  const since = entry.last;
  say({ subscribe: since === undefined ? { topic } : { topic, since } });
}

function say(message) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function receive(message) {
  heard = Date.now();
  if (message.type || !message.topic) return;
  const entry = topics.get(message.topic);
  if (!entry) return;
  if (message.id) entry.last = message.id;
  const replayed = Date.parse(message.at) < entry.from - 1000;
  for (const listener of entry.listeners) listener({ ...message, replayed });
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
