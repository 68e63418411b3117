/* A short message in the corner, also read out. Errors stay until closed. */
import { announce } from "./announce.js";
import { icon, make } from "./dom.js";

const icons = { info: "info-circle", success: "circle-check", error: "alert-triangle", warning: "alert-triangle" };

export function toast(message, { kind = "info", seconds = 6, href = null, action = "Open" } = {}) {
  const close = make("button", { type: "button", class: "btn-close", "aria-label": "Close message" });
  const text = make("div", {}, message, href ? make("div", {}, make("a", { href }, action)) : null);
  const box = make("div", { class: `banner is-${kind}` }, icon(icons[kind] ?? icons.info), text, close);
  close.addEventListener("click", () => box.remove());
  document.getElementById("toasts").append(box);
  announce(message, { urgent: kind === "error" });
  if (kind !== "error") setTimeout(() => box.remove(), seconds * 1000);
  return box;
}
