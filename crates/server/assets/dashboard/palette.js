// The command palette: every place of the dashboard, and a search over services and connections.

const MOST = 12;

export function palette() {
  const base = document.body.dataset.base;
  if (!base) return;
  const opener = document.querySelector("[data-palette]");
  if (opener) {
    opener.hidden = false;
    opener.addEventListener("click", () => open(base));
    if (!/Mac|iPhone|iPad/.test(navigator.platform)) opener.querySelector("kbd").textContent = "Ctrl K";
  }
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey)) return;
    event.preventDefault();
    open(base);
  });
}

function places(base) {
  const found = new Map();
  for (const link of document.querySelectorAll("a[data-jump]")) {
    found.set(link.dataset.jump, { label: link.dataset.jump, href: link.href, kind: "Go to" });
  }
  for (const [label, path] of [
    ["Add integration", "/integrations/new"],
    ["Link an account", "/connections/new"],
    ["Create API key", "/settings/keys/new"],
    ["Settings: API keys", "/settings/keys"],
    ["Settings: Webhooks", "/settings/webhooks"],
    ["Settings: Connect page", "/settings/connect-page"],
    ["Settings: Variables", "/settings/variables"],
  ]) {
    if (!found.has(label)) found.set(label, { label, href: base + path, kind: path.startsWith("/settings/keys/") || !path.startsWith("/settings") ? "Do" : "Go to" });
  }
  return [...found.values()];
}

function open(base) {
  if (document.querySelector("dialog.palette[open]")) return;
  const dialog = document.createElement("dialog");
  dialog.className = "dialog palette";
  dialog.setAttribute("aria-label", "Search");
  const field = document.createElement("div");
  field.className = "field";
  const input = document.createElement("input");
  input.type = "text";
  input.placeholder = "Jump to a page, a service or a connection";
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-label", "Search");
  input.setAttribute("aria-expanded", "true");
  input.setAttribute("aria-controls", "palette-list");
  input.autocomplete = "off";
  field.append(input);
  const list = document.createElement("ul");
  list.id = "palette-list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Results");
  dialog.append(field, list);
  document.body.append(dialog);

  const fixed = places(base);
  let shown = [];
  let chosen = 0;
  const draw = () => {
    const text = input.value.trim().toLowerCase();
    const words = text.split(/\s+/).filter(Boolean);
    shown = fixed.filter(({ label }) => words.every((word) => label.toLowerCase().includes(word))).slice(0, MOST);
    if (text) {
      const q = encodeURIComponent(input.value.trim());
      shown.push({ label: `Connections with “${input.value.trim()}”`, href: `${base}/connections?q=${q}`, kind: "Search" });
      shown.push({ label: `Services with “${input.value.trim()}”`, href: `${base}/integrations/new?q=${q}`, kind: "Search" });
    }
    chosen = Math.min(chosen, shown.length - 1);
    list.replaceChildren(...shown.map(option));
    mark();
  };
  const option = (place, index) => {
    const item = document.createElement("li");
    item.id = `palette-${index}`;
    item.setAttribute("role", "option");
    const label = document.createElement("span");
    label.textContent = place.label;
    const kind = document.createElement("span");
    kind.className = "hint";
    kind.textContent = place.kind;
    item.append(label, kind);
    item.addEventListener("pointermove", () => {
      chosen = index;
      mark();
    });
    item.addEventListener("click", () => location.assign(place.href));
    return item;
  };
  const mark = () => {
    [...list.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === chosen)));
    list.children[chosen]?.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", `palette-${chosen}`);
  };
  input.addEventListener("input", () => {
    chosen = 0;
    draw();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      chosen = (chosen + step + shown.length) % shown.length;
      mark();
    } else if (event.key === "Enter" && shown[chosen]) {
      event.preventDefault();
      location.assign(shown[chosen].href);
    }
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => dialog.remove());
  draw();
  dialog.showModal();
  input.focus();
}
