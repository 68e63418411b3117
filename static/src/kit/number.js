/* Numbers as people read them. unit: {kind, currency, decimals}; see charts/README.md. */
import { language } from "./page.js";

const byteSteps = ["B", "KB", "MB", "GB", "TB", "PB"];

export function formatNumber(value, unit = {}, { compact = false } = {}) {
  if (value === null || value === undefined || value === "") return "–";
  const number = Number(value);
  if (!Number.isFinite(number)) return String(value);
  if (unit.kind === "bytes") return formatBytes(number);
  if (unit.kind === "duration_ms") return formatDuration(number);
  return new Intl.NumberFormat(language(), options(number, unit, compact)).format(number);
}

function options(number, unit, compact) {
  const digits = unit.decimals ?? (Number.isInteger(number) || Math.abs(number) >= 1000 ? 0 : 2);
  const shared = { maximumFractionDigits: digits, ...(compact && Math.abs(number) >= 10_000 ? { notation: "compact", maximumFractionDigits: 1 } : {}) };
  if (unit.kind === "percent") return { style: "percent", maximumFractionDigits: unit.decimals ?? 1 };
  if (unit.kind === "currency") return { style: "currency", currency: unit.currency || "USD", minimumFractionDigits: 0, ...shared };
  return shared;
}

export function formatBytes(number) {
  const step = Math.min(byteSteps.length - 1, Math.max(0, Math.floor(Math.log(Math.abs(number) || 1) / Math.log(1000))));
  const scaled = number / 1000 ** step;
  return `${new Intl.NumberFormat(language(), { maximumFractionDigits: step ? 1 : 0 }).format(scaled)} ${byteSteps[step]}`;
}

export function formatDuration(milliseconds) {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${Math.floor(milliseconds / 60_000)} min ${Math.round((milliseconds % 60_000) / 1000)} s`;
}

/* <data value="1234.5" data-behaviour="kit/number" data-unit="currency" data-currency="EUR"> */
export function mount(element) {
  const { unit, currency, decimals, compact } = element.dataset;
  const shape = { kind: unit, currency, decimals: decimals === undefined ? undefined : Number(decimals) };
  element.textContent = formatNumber(element.getAttribute("value"), shape, { compact: compact !== undefined });
}
