/* Chart colours for light and dark; told apart by people with colour vision deficiencies, readable on both grounds. */
import { isDark } from "../kit/page.js";

const light = ["#0e7490", "#d97706", "#6d5bd0", "#2f8f5b", "#c2417c", "#5c6b76", "#8a6d1d", "#3b82c4"];
const dark = ["#4fb6d0", "#f0a94a", "#a497f2", "#62c793", "#ee86b4", "#9dabb4", "#d9bd62", "#7db5ea"];

export function palette() {
  const night = isDark();
  return {
    series: night ? dark : light,
    text: night ? "#c5cfd6" : "#303c45",
    quiet: night ? "#9dabb4" : "#5c6b76",
    line: night ? "#26323a" : "#dde4e8",
    ground: night ? "#182127" : "#ffffff",
    ramp: night ? ["#182f38", "#2a7f98", "#a8e3f2"] : ["#e6f2f5", "#5aa9c0", "#0b4f63"],
    warning: night ? "#e2b04a" : "#b7791f",
  };
}
