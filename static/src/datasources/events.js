/* Puts new events of a datasource on top of its list as they happen. */
import { make } from "../kit/dom.js";
import { subscribe } from "../realtime/client.js";

export function mount(list, signal) {
  const stop = subscribe(list.dataset.topic, (message) => {
    if (!message?.kind) return;
    const title = make("strong", {}, message.kind.replaceAll("_", " "));
    const text = make("span", { class: "muted" }, ` ${message.message ?? ""}`);
    list.prepend(make("li", {}, make("div", { class: "rows-main" }, title, text)));
  });
  signal.addEventListener("abort", stop);
}
