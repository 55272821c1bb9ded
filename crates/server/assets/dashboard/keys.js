// Lists by keyboard: j and k move, enter opens, / searches.

export function keys() {
  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey || typing(event.target)) return;
    if (event.key === "/") {
      const search = document.querySelector("[data-search]");
      if (!search) return;
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === "j" || event.key === "k") {
      const links = [...document.querySelectorAll("table[data-keys] .row-link")];
      if (links.length === 0) return;
      event.preventDefault();
      const at = links.indexOf(document.activeElement);
      const next = event.key === "j" ? Math.min(at + 1, links.length - 1) : Math.max(at - 1, 0);
      links[next].focus();
    }
  });
}

function typing(target) {
  return target.closest?.("input, textarea, select, dialog[open], [contenteditable]") != null;
}
