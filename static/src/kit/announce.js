/* Says something to a screen reader. */
export function announce(message, { urgent = false } = {}) {
  const region = document.getElementById(urgent ? "announce-now" : "announce");
  if (!region) return;
  region.textContent = "";
  setTimeout(() => (region.textContent = message), 60);
}
