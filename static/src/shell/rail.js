/* Opens and closes the side bar on narrow screens; Escape and a click outside close it. */
export function mount(button, signal) {
  const rail = document.getElementById("rail");
  const set = (open) => {
    document.body.classList.toggle("rail-open", open);
    button.setAttribute("aria-expanded", String(open));
    if (open) rail.querySelector("a, summary, button")?.focus();
  };
  button.addEventListener("click", () => set(!document.body.classList.contains("rail-open")), { signal });
  rail.querySelector("[data-rail-close]")?.addEventListener("click", () => close(), { signal });
  document.addEventListener("keydown", (event) => event.key === "Escape" && isOpen() && close(), { signal });
  document.addEventListener("click", (event) => isOpen() && outside(event) && set(false), { signal });

  const isOpen = () => document.body.classList.contains("rail-open");
  const outside = (event) => !rail.contains(event.target) && !button.contains(event.target);
  function close() {
    set(false);
    button.focus();
  }
}
