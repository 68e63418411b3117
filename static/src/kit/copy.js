/* <button data-behaviour="kit/copy" data-copy="text"> or data-copy-from="#id" */
import { toast } from "./toast.js";

export function mount(button, signal) {
  button.addEventListener("click", () => copy(button), { signal });
}

async function copy({ dataset }) {
  const text = dataset.copy ?? document.querySelector(dataset.copyFrom).textContent;
  await navigator.clipboard.writeText(text);
  toast("Copied", { kind: "success", seconds: 2 });
}
