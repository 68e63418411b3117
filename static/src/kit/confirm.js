/* data-confirm="What will happen" on a form, button or link: asks once, in a dialog that says what it will do.
   data-confirm-title, data-confirm-action ("Delete 3 rows"), data-confirm-type="name" (type the name to go on). */
import { make } from "./dom.js";

export function listenForConfirm() {
  document.addEventListener("submit", intercept, true);
  document.addEventListener("click", intercept, true);
  document.addEventListener("htmx:confirm", interceptHtmx);
}

async function intercept(event) {
  const element = confirmedBy(event);
  if (!element || element.dataset.confirmed === "yes") return;
  if (isHtmx(element)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!(await ask(element))) return;
  element.dataset.confirmed = "yes";
  if (element instanceof HTMLFormElement) element.requestSubmit(event.submitter);
  else element.click();
  delete element.dataset.confirmed;
}

function confirmedBy(event) {
  if (event.type === "submit") return event.target.closest("form[data-confirm]");
  return event.target.closest?.("a[data-confirm], button[data-confirm]") ?? null;
}

const isHtmx = (element) => [...element.attributes].some(({ name }) => /^(data-)?hx-(get|post|put|patch|delete)$/.test(name));

function interceptHtmx(event) {
  const element = event.detail.elt;
  if (!element.dataset.confirm) return;
  event.preventDefault();
  ask(element).then((agreed) => agreed && event.detail.issueRequest(true));
}

export function ask({ dataset }) {
  const word = dataset.confirmType;
  const input = word ? make("input", { class: "form-control", autocomplete: "off", "aria-label": `Type ${word} to go on` }) : null;
  const cancel = make("button", { type: "button", class: "btn", value: "no" }, "Cancel");
  const go = make("button", { type: "submit", class: "btn btn-danger", disabled: Boolean(word) }, dataset.confirmAction || "Go on");
  const title = make("h2", { id: "confirm-title" }, dataset.confirmTitle || "Are you sure?");
  const body = make("div", { class: "sheet-body" }, make("p", {}, dataset.confirm));
  if (input) body.append(make("p", { class: "muted" }, "Type ", make("code", {}, word), " to go on:"), input);
  const form = make("form", { method: "dialog" }, make("div", { class: "sheet-head" }, title), body, make("div", { class: "sheet-foot" }, cancel, go));
  const dialog = make("dialog", { class: "sheet", "aria-labelledby": "confirm-title" }, form);
  input?.addEventListener("input", () => (go.disabled = input.value !== word));
  document.body.append(dialog);
  dialog.showModal();
  (input ?? cancel).focus();
  return new Promise((resolve) => {
    cancel.addEventListener("click", () => dialog.close("no"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      dialog.close("yes");
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}
