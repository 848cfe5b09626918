// Loaded in the head, before anything is painted. The key is the one Django's admin uses, so that both agree.
"use strict";

const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");

function chosen() {
  try {
    return localStorage.getItem("theme") || "auto";
  } catch {
    return "auto";
  }
}

function apply(theme) {
  root.dataset.bsTheme = theme === "auto" ? (system.matches ? "dark" : "light") : theme;
  for (const button of document.querySelectorAll("#theme-menu button")) {
    button.setAttribute("aria-pressed", String(button.value === theme));
  }
}

function choose(event) {
  const theme = event.target.closest("button")?.value;
  if (!theme) return;
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // Without storage the choice lasts until the next page.
  }
  apply(theme);
}

apply(chosen());
system.addEventListener("change", () => apply(chosen()));
document.addEventListener("DOMContentLoaded", () => {
  const menu = document.getElementById("theme-menu");
  menu.hidden = false;
  menu.addEventListener("click", choose);
  apply(chosen());
});
