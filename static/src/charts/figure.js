/* data-behaviour="charts/figure" data-spec="<id of a json_script>": draws when it comes near the screen. */
import { pageData } from "../kit/page.js";
import { chart } from "./echarts.js";

export function mount(element, signal) {
  let drawn = null;
  const watcher = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watcher.disconnect();
    drawn = chart(element, pageData(element.dataset.spec));
  }, { rootMargin: "300px" });
  watcher.observe(element);
  signal.addEventListener("abort", () => {
    watcher.disconnect();
    drawn?.dispose();
  });
}
