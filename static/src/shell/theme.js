/* Light, dark, or as the system has it. The choice lives in a cookie, so the server renders the right page at once. */
import { announce } from "../kit/announce.js";

export function mount(group, signal) {
  group.addEventListener("click", (event) => {
    const theme = event.target.closest("[data-theme-choice]")?.dataset.themeChoice;
    if (!theme) return;
    event.preventDefault();
    document.documentElement.dataset.bsTheme = theme;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `atom_theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    for (const choice of group.querySelectorAll("[data-theme-choice]")) {
      choice.setAttribute("aria-pressed", String(choice.dataset.themeChoice === theme));
    }
    document.dispatchEvent(new CustomEvent("atom:theme"));
    announce(`Theme: ${theme}`);
  }, { signal });
}
