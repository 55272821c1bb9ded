// A value to be copied elsewhere: shown whole, with a button.

import { button, h, uid } from "./dom.js";
import { t } from "./i18n.js";

/** Milliseconds until the button offers to copy again. */
const COPIED_MS = 2000;

/** A row of the form that holds `value` for the person to take away. */
export function copyRow({ label, hint, value }) {
  const id = uid("copy");
  const output = h("code", { id, tabindex: "0", dir: "ltr" }, value);
  const say = (text) => (control.lastElementChild.textContent = text);
  const control = button(t("copy.copy"), {
    kind: "small",
    icon: "copy",
    "aria-label": `${t("copy.copy")}: ${label}`,
    onclick: async () => {
      try {
        await navigator.clipboard.writeText(value);
        say(t("copy.copied"));
        setTimeout(() => say(t("copy.copy")), COPIED_MS);
      } catch {
        // Not allowed in this frame: the keyboard still copies what is selected.
        getSelection().selectAllChildren(output);
        output.focus();
      }
    },
  });
  return h(
    "div",
    { class: "form-row" },
    h("div", { class: "label" }, h("span", { class: "name" }, label)),
    hint && h("p", { class: "hint" }, hint),
    h("div", { class: "field copy-row" }, output, control),
  );
}
