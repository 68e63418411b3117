/* A link whose page opens as a dialog over this one (data-title): the server answers htmx with the page's fragment.
   A click that asks for a new tab, or a server that does not answer, follows the link. */
import htmx from "htmx.org/dist/htmx.esm.js";
import { make } from "./dom.js";

export function mount(link, signal) {
  link.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (!link.ariaBusy) open(link);
  }, { signal });
}

async function open(link) {
  const body = make("div", { class: "sheet-body" });
  const close = make("button", { type: "button", class: "btn-close", "data-closes": "", "aria-label": "Close" });
  const title = make("h2", { id: "sheet-title" }, link.dataset.title);
  const dialog = make("dialog", { class: "sheet", "aria-labelledby": "sheet-title" }, make("div", { class: "sheet-head" }, title, close), body);
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    dialog.remove();
    link.focus();
  });
  link.ariaBusy = "true";
  await htmx.ajax("GET", link.href, { target: body, swap: "innerHTML" }).catch(() => {}); // the page's script tells of it
  link.ariaBusy = null;
  if (body.childElementCount) dialog.showModal();
  else {
    dialog.remove();
    location.assign(link.href);
  }
}
