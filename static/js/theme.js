// Light or dark: the reader's choice, kept in this browser; without one, the system's.
// The page waits for this script, so that it never paints in the wrong colours first.
{
  const root = document.documentElement;
  const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
  try {
    const kept = localStorage.getItem("theme");
    if (kept) root.dataset.theme = kept;
  } catch {} // Storage may be forbidden; then the choice lasts for this page.

  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : systemIsDark.matches);

  document.addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector("[data-theme-switch]");
    if (!button) return;
    const show = () => button.setAttribute("aria-pressed", isDark());
    button.addEventListener("click", () => {
      const theme = isDark() ? "light" : "dark";
      root.dataset.theme = theme;
      try {
        // Who chooses what the system says follows the system again.
        if ((theme === "dark") === systemIsDark.matches) localStorage.removeItem("theme");
        else localStorage.setItem("theme", theme);
      } catch {}
      show();
    });
    systemIsDark.addEventListener("change", show);
    show();
    button.hidden = false;
  });
}
