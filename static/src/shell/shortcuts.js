/* Keyboard: Ctrl-K palette, ? help, "g" then a letter goes to a page, "/" goes to the search of the page. */
let waitingForPlace = 0;

export function listenForShortcuts() {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") return act(event, openPalette);
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "?") return act(event, () => openDialog("shortcuts"));
    if (event.key === "/") return act(event, focusSearch);
    if (Date.now() < waitingForPlace) return act(event, () => goTo(event.key));
    if (event.key === "g") waitingForPlace = Date.now() + 1200;
  });
  document.addEventListener("click", (event) => {
    const name = event.target.closest?.("[data-opens]")?.dataset.opens;
    if (name) openDialog(name);
    if (event.target.closest?.("[data-closes]")) event.target.closest("dialog").close();
    if (event.target instanceof HTMLDialogElement) event.target.close();
  });
}

function act(event, action) {
  event.preventDefault();
  action();
}

const isTyping = (target) => target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
const openPalette = () => openDialog("palette");

function openDialog(name) {
  const dialog = document.getElementById(name);
  if (dialog && !dialog.open) dialog.showModal();
}

function focusSearch() {
  const field = document.querySelector("main input[type=search]");
  if (field) field.focus();
  else openPalette();
}

function goTo(key) {
  waitingForPlace = 0;
  document.querySelector(`a[data-key="${CSS.escape(key)}"]`)?.click();
}
