/* <time datetime="…Z" data-behaviour="kit/time" data-style="full|short|day|ago">: the viewer's zone, with the zone shown. */
import { language, timezone } from "./page.js";

const styles = {
  full: { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZoneName: "short" },
  short: { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" },
  day: { dateStyle: "medium" },
};

export function mount(element, signal) {
  const at = new Date(element.getAttribute("datetime"));
  if (Number.isNaN(at.getTime())) return;
  element.title = `${formatTime(at, "short")} (${timezone()})`;
  if (element.dataset.style !== "ago") {
    element.textContent = formatTime(at, element.dataset.style || "short");
    return;
  }
  const refresh = () => (element.textContent = formatAgo(at));
  refresh();
  const timer = setInterval(refresh, 30_000);
  signal.addEventListener("abort", () => clearInterval(timer));
}

export function formatTime(at, style = "short") {
  return new Intl.DateTimeFormat(language(), { ...styles[style], timeZone: timezone() }).format(at);
}

export function formatAgo(at, now = new Date()) {
  const seconds = (at - now) / 1000;
  const units = [["day", 86400], ["hour", 3600], ["minute", 60]];
  const words = new Intl.RelativeTimeFormat(language(), { numeric: "auto" });
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) return words.format(Math.round(seconds / size), unit);
  }
  return words.format(Math.round(seconds), "second");
}
