// Scopes as chips: search the known ones, type or paste any. The text area stays what is sent.
import { matching, split } from "./scope_words.js";

const MOST = 8;

export function scopes() {
  for (const row of document.querySelectorAll("[data-scopes]")) editor(row);
}

function make(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function editor(row) {
  const source = row.querySelector("textarea");
  const known = [...row.querySelectorAll(".known-scopes code")].map((code) => code.textContent);
  const chips = make("ul", { class: "chips", "aria-label": "Chosen scopes" });
  const input = make("input", {
    id: "scopes-input",
    class: "mono",
    role: "combobox",
    autocomplete: "off",
    spellcheck: "false",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": "scopes-found",
    placeholder: known.length > 0 ? `Search ${known.length} scopes, or paste a list` : "Type a scope, or paste a list",
  });
  for (const name of ["aria-describedby", "aria-invalid"]) {
    if (source.hasAttribute(name)) input.setAttribute(name, source.getAttribute(name));
  }
  const list = make("ul", { id: "scopes-found", role: "listbox", "aria-label": `Scopes of ${row.dataset.scopes}` });
  list.hidden = true;
  const live = make("span", { class: "visually-hidden", role: "status" });
  let chosen = split(source.value);
  let active = -1;

  const remove = (scope) => {
    chosen = chosen.filter((other) => other !== scope);
    draw();
    live.textContent = `${scope} removed`;
    input.focus();
  };
  const draw = () => {
    source.value = chosen.join(", ");
    chips.hidden = chosen.length === 0;
    chips.replaceChildren(
      ...chosen.map((scope) => {
        const button = make("button", { type: "button", "aria-label": `Remove ${scope}`, title: "Remove" }, "×");
        button.addEventListener("click", () => remove(scope));
        return make("li", { class: "chip" }, make("code", {}, scope), button);
      }),
    );
  };
  const add = (text) => {
    const fresh = split(text).filter((scope) => !chosen.includes(scope));
    input.value = "";
    close();
    if (fresh.length === 0) return;
    chosen = [...chosen, ...fresh];
    draw();
    live.textContent = `${fresh.join(", ")} added`;
  };
  const close = () => {
    active = -1;
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const open = () => {
    const found = matching(known, chosen, input.value, MOST);
    close();
    list.replaceChildren(
      ...found.map((scope, at) => {
        const option = make("li", { id: `scope-${at}`, role: "option", "aria-selected": "false" }, make("code", {}, scope));
        // Before the input loses the focus.
        option.addEventListener("pointerdown", (event) => {
          event.preventDefault();
          add(scope);
          open();
        });
        return option;
      }),
    );
    list.hidden = found.length === 0;
    input.setAttribute("aria-expanded", String(found.length > 0));
  };
  const move = (step) => {
    if (list.hidden) open();
    const options = [...list.children];
    if (options.length === 0) return;
    active = (active + step + options.length) % options.length;
    for (const [at, option] of options.entries()) option.setAttribute("aria-selected", String(at === active));
    options[active].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", options[active].id);
  };

  input.addEventListener("input", () => (/[\s,]/.test(input.value) ? add(input.value) : open()));
  input.addEventListener("focus", open);
  input.addEventListener("blur", () => {
    add(input.value);
    close();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") move(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Escape" && !list.hidden) close();
    else if (event.key === "Enter" && (active >= 0 || input.value.trim())) {
      add(active >= 0 ? list.children[active].textContent : input.value);
    } else if (event.key === "Backspace" && input.value === "" && chosen.length > 0) remove(chosen.at(-1));
    else return;
    event.preventDefault();
  });
  // What is pasted over several lines would lose its line ends in a field of one line.
  input.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text") ?? "";
    if (!/[\s,]/.test(text.trim())) return;
    event.preventDefault();
    add(text);
  });
  source.form.addEventListener("submit", () => add(input.value), { capture: true });

  source.parentElement.hidden = true;
  row.querySelector("label").htmlFor = input.id;
  const documented = row.querySelector(".known-scopes");
  if (documented) documented.hidden = true;
  source.parentElement.after(
    chips,
    make("div", { class: "search-choice" }, make("span", { class: "field" }, input), list),
    live,
  );
  draw();
}
