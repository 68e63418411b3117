/* The board's date filter: changes the period in place, keeps the address right; without scripts it is a plain form. */
export function mount(form, signal) {
  const board = document.getElementById(form.dataset.board);
  const fields = form.elements;

  function apply({ push = true } = {}) {
    if (!form.reportValidity()) return;
    if (fields.from.value > fields.to.value) [fields.from.value, fields.to.value] = [fields.to.value, fields.from.value];
    Object.assign(board.dataset, { from: fields.from.value, to: fields.to.value, tz: fields.tz.value });
    const query = new URLSearchParams(new FormData(form));
    if (push) history.pushState({}, "", `?${query}`);
    board.dispatchEvent(new CustomEvent("atom:period"));
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    apply();
  }, { signal });
  form.addEventListener("click", (event) => {
    const days = Number(event.target.closest("[data-days]")?.dataset.days);
    if (!days) return;
    const first = new Date(`${fields.to.value}T00:00:00Z`);
    first.setUTCDate(first.getUTCDate() - days + 1);
    fields.from.value = first.toISOString().slice(0, 10);
    apply();
  }, { signal });
  addEventListener("popstate", () => {
    const asked = new URLSearchParams(location.search);
    for (const name of ["from", "to"]) fields[name].value = asked.get(name) ?? fields[name].defaultValue;
    apply({ push: false });
  }, { signal });
}
