/* Cards ask side by side, but a few at a time: the first ones on the page are answered first. */
import { api } from "../kit/api.js";

const atOnce = 4;
const waiting = [];
let busy = 0;

export function ask(path, signal) {
  return new Promise((resolve, reject) => {
    waiting.push({ path, signal, resolve, reject });
    next();
  });
}

function next() {
  if (busy >= atOnce || waiting.length === 0) return;
  const { path, signal, resolve, reject } = waiting.shift();
  if (signal.aborted) {
    reject(signal.reason);
    next();
    return;
  }
  busy += 1;
  api(path, { signal }).then(resolve, reject).finally(() => {
    busy -= 1;
    next();
  });
  next();
}
