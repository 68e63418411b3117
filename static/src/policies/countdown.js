/* <span data-behaviour="policies/countdown" data-until="<ISO time>">: how long something still holds, kept current. */
const minute = 60_000;

export function mount(element, signal) {
  const until = Date.parse(element.dataset.until);
  const show = () => {
    element.textContent = textOf(until - Date.now());
  };
  show();
  const timer = setInterval(show, until - Date.now() < 10 * minute ? 1000 : minute / 2);
  signal.addEventListener("abort", () => clearInterval(timer));
}

function textOf(left) {
  if (left <= 0) return "over";
  const hours = Math.floor(left / (60 * minute));
  const minutes = Math.floor(left / minute) % 60;
  if (hours >= 48) return `in ${Math.round(hours / 24)} days`;
  if (hours > 0) return `in ${hours} h ${minutes} min`;
  return minutes >= 10 ? `in ${minutes} min` : `in ${minutes} min ${Math.floor(left / 1000) % 60} s`;
}
