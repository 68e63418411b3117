/* <select data-behaviour="kit/submit">: sends its form as soon as the choice changes (a button serves without scripts). */
export function mount(element, signal) {
  element.addEventListener("change", () => element.form.requestSubmit(), { signal });
}
