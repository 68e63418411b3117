/* The one script of every page: htmx, behaviours on demand, and the global habits (confirm, shortcuts, CSRF). */
import htmx from "htmx.org/dist/htmx.esm.js";
import { attachAll, detach } from "./kit/attach.js";
import { listenForConfirm } from "./kit/confirm.js";
import { csrfToken } from "./kit/page.js";
import { listenForMenus } from "./kit/menu.js";
import { toast } from "./kit/toast.js";
import { listenForShortcuts } from "./shell/shortcuts.js";

Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  includeIndicatorStyles: false,
  selfRequestsOnly: true,
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  scrollIntoViewOnBoost: false,
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "422", swap: true },
    { code: "[45]..", swap: false, error: true },
  ],
});

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = csrfToken();
});
document.addEventListener("htmx:load", (event) => attachAll(event.detail.elt));
document.addEventListener("htmx:beforeCleanupElement", (event) => detach(event.detail.elt));
document.addEventListener("htmx:sendError", () => toast("The server cannot be reached. Try again in a moment.", { kind: "error" }));
document.addEventListener("htmx:responseError", (event) => toast(sentenceOf(event.detail.xhr), { kind: "error" }));

function sentenceOf(xhr) {
  const reference = xhr.getResponseHeader("X-Request-ID");
  const suffix = reference ? ` (request ${reference})` : "";
  try {
    const problem = JSON.parse(xhr.responseText);
    return (problem.detail || problem.title) + suffix;
  } catch {
    return `This did not work: the server answered ${xhr.status}${suffix}.`;
  }
}

listenForConfirm();
listenForMenus();
listenForShortcuts();
attachAll(document.body);
