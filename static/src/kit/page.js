/* What the server tells every page: addresses, viewer's zone, language, CSRF token. */
const root = document.documentElement;

export const timezone = () => root.dataset.timezone || Intl.DateTimeFormat().resolvedOptions().timeZone;
export const language = () => navigator.language || root.lang || "en";
export const prefix = () => root.dataset.prefix || "";
/* Sockets name the workspace in their path even where its pages live at "/", under its own domain. */
export const socketPrefix = () => (root.dataset.tenant ? `/t/${root.dataset.tenant}` : prefix());
export const csrfToken = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

/* Whether the page is dark now, by choice or by the system. */
export function isDark() {
  const theme = root.dataset.bsTheme;
  return theme === "dark" || (theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
}

/* The object a {{ value|json_script:"id" }} left in the page. */
export function pageData(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page has no data called "${id}"`);
  return JSON.parse(element.textContent);
}
