// The dashboard works without this file; it only makes pages quicker to use.
import { copying } from "./copy.js";
import { forms } from "./forms.js";
import { keyFiles } from "./key_file.js";
import { keys } from "./keys.js";
import { liveSearch } from "./live.js";
import { palette } from "./palette.js";
import { preview } from "./preview.js";
import { scopes } from "./scopes.js";
import { toasts } from "./toast.js";

document.documentElement.classList.add("scripted");
copying();
toasts();
forms();
liveSearch();
keys();
palette();
preview();
scopes();
keyFiles();

// Menus made of <details> close as menus do.
for (const menu of document.querySelectorAll("details[data-menu]")) {
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

// On a narrow window the tab of this page may be out of sight.
for (const tab of document.querySelectorAll(".tabs > [aria-current]")) {
  tab.scrollIntoView({ block: "nearest", inline: "center" });
}

// The language chosen in one code block holds in all, and next time.
const remembered = localStorage.getItem("dovetail-language");
for (const input of document.querySelectorAll("input[data-language]")) {
  if (input.value === remembered) input.checked = true;
}
document.addEventListener("change", (event) => {
  const { target } = event;
  if (!target.matches?.("input[data-language]")) return;
  localStorage.setItem("dovetail-language", target.value);
  for (const input of document.querySelectorAll("input[data-language]")) {
    if (input.value === target.value) input.checked = true;
  }
});

document.querySelector("[data-focus]")?.focus();
