/* The banner that says live updates are interrupted; it waits a little, so a quick reconnect shows nothing. */
const patience = 8000;

export function mount(banner, signal) {
  let timer;
  document.addEventListener("atom:socket", ({ detail }) => {
    clearTimeout(timer);
    if (detail === "open") banner.hidden = true;
    else timer = setTimeout(() => (banner.hidden = false), patience);
  }, { signal });
}
