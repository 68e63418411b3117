/* How x values and measures are written on axes, in tips and in tables. */
import { formatNumber } from "../kit/number.js";
import { language, timezone } from "../kit/page.js";

const dayOnly = /^\d{4}-\d{2}-\d{2}$/;
const shapes = {
  hour: { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" },
  day: { month: "short", day: "numeric" },
  week: { month: "short", day: "numeric" },
  month: { year: "numeric", month: "short" },
  full: { year: "numeric", month: "short", day: "numeric", weekday: "short" },
};

/* A calendar date keeps its day in every zone; a moment is shown in the viewer's zone. */
export function formatX(value, x = {}, shape = "day") {
  if (value === null || value === undefined) return "(none)";
  if (x.type === "number") return formatNumber(value);
  if (x.type !== "time") return String(value);
  const text = typeof value === "number" ? new Date(value).toISOString() : String(value);
  const isDay = dayOnly.test(text) || text.endsWith("T00:00:00.000Z");
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return text;
  const form = { ...shapes[shape], ...(shape === "full" && !isDay ? { hour: "2-digit", minute: "2-digit" } : {}) };
  return new Intl.DateTimeFormat(language(), { ...form, timeZone: isDay ? "UTC" : timezone() }).format(at);
}

export const measure = (value, spec, series) => formatNumber(value, series?.unit ?? spec.unit ?? {});
export const short = (value, spec, series) => formatNumber(value, series?.unit ?? spec.unit ?? {}, { compact: true });
