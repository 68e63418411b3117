/* The bell: counts what is new since it was last opened, lists the latest, keeps itself current over the socket. */
import { make } from "../kit/dom.js";
import { formatAgo } from "../kit/time.js";
import { toast } from "../kit/toast.js";
import { subscribe } from "../realtime/client.js";

const kept = 20;
const seenKey = "atom.notifications.seen";
const loud = new Set(["error", "warning", "success"]);

export function mount(menu, signal) {
  const list = menu.querySelector("[data-notifications]");
  const empty = menu.querySelector("[data-empty]");
  const dot = menu.querySelector(".count-dot");
  let fresh = 0;
  let newest = null;

  const count = (number) => {
    fresh = number;
    dot.hidden = number === 0;
    dot.textContent = number > 9 ? "9+" : String(number);
    menu.querySelector("summary").setAttribute("aria-label", number ? `Notifications, ${dot.textContent} new` : "Notifications");
  };
  const receive = ({ id, msg, at, replayed }) => {
    const message = msg ?? {};
    if (isAfter(id, newest)) newest = id;
    place(list, entryOf(message, at), at);
    while (list.children.length > kept) list.lastElementChild.remove();
    empty.hidden = true;
    if (!menu.open && isNewer(id)) count(fresh + 1);
    if (!replayed && loud.has(message.level)) toast(message.title ?? message.message, { kind: message.level, href: message.url });
  };
  const topics = ["notifications", ...(menu.dataset.person ? [`notifications.${menu.dataset.person}`] : [])];
  const stops = topics.map((topic) => subscribe(topic, receive, { since: "0" }));
  signal.addEventListener("abort", () => stops.forEach((stop) => stop()));
  menu.addEventListener("toggle", () => menu.open && seen(), { signal });

  function seen() {
    count(0);
    if (newest) localStorage.setItem(seenKey, newest);
  }
}

const isNewer = (id) => isAfter(id, localStorage.getItem(seenKey));

/* Ids are Redis stream ids, "<milliseconds>-<number>". */
function isAfter(id, other) {
  const [at, number] = String(id ?? "0-0").split("-").map(Number);
  const [otherAt, otherNumber] = (other ?? "0-0").split("-").map(Number);
  return at > otherAt || (at === otherAt && number > otherNumber);
}

/* Two topics, each in its order: newest on top. */
function place(list, entry, at) {
  entry.dataset.at = String(Date.parse(at) || Date.now());
  const older = [...list.children].find((other) => Number(other.dataset.at) <= Number(entry.dataset.at));
  list.insertBefore(entry, older ?? null);
}

function entryOf(message, at) {
  const moment = new Date(message.at ?? at ?? Date.now());
  const text = make("span", {}, message.title ?? message.message ?? "Something happened");
  const when = make("small", { class: "muted" }, formatAgo(moment));
  const body = [make("span", {}, text, make("br"), when)];
  const line = message.url ? make("a", { class: "menu-item", href: message.url }, ...body) : make("div", { class: "menu-item" }, ...body);
  return make("li", {}, line);
}
