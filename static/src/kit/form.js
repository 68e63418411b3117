/* A form that is sent once: the button shows it is busy; leaving with unsaved changes asks (data-guard). */
export function mount(form, signal) {
  let changed = false;
  form.addEventListener("input", () => (changed = true), { signal });
  form.addEventListener("submit", (event) => {
    changed = false;
    event.submitter?.setAttribute("aria-busy", "true");
  }, { signal });
  addEventListener("pageshow", () => form.querySelector("[aria-busy]")?.removeAttribute("aria-busy"), { signal });
  if (form.dataset.guard !== undefined) {
    addEventListener("beforeunload", (event) => changed && event.preventDefault(), { signal });
  }
}
