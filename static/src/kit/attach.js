/* Finds [data-behaviour="<folder>/<name> …"], loads the module, calls mount(element, signal).
   The signal is aborted when the element leaves the page. `data-mounted` tells that all its behaviours are there. */
import { behaviours } from "virtual:behaviours";

const attached = new WeakMap();

export function attachAll(root) {
  if (root.matches?.("[data-behaviour]")) attach(root);
  for (const element of root.querySelectorAll("[data-behaviour]")) attach(element);
}

export function detach(element) {
  attached.get(element)?.abort();
  attached.delete(element);
}

async function attach(element) {
  if (attached.has(element)) return;
  const controller = new AbortController();
  attached.set(element, controller);
  for (const name of element.dataset.behaviour.split(/\s+/).filter(Boolean)) {
    const load = behaviours[name];
    if (!load) throw new Error(`No behaviour is called "${name}"`);
    const module = await load();
    if (!controller.signal.aborted) await module.mount(element, controller.signal);
  }
  if (!controller.signal.aborted) element.dataset.mounted = "";
}
