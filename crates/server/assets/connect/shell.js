// The sheet that holds every screen: what is shown, where the focus is, how it closes.

import { button, h } from "./dom.js";
import { t } from "./i18n.js";

const FOCUSABLE =
  'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), summary, [tabindex="0"]';

export class Shell {
  dirty = false;

  /** `onClose(how)`: the person wants to leave, by "button", "escape" or "outside". */
  constructor({ modal, onClose }) {
    this.sheet = document.getElementById("sheet");
    this.live = document.getElementById("live");
    this.modal = modal;
    this.onClose = onClose;
    if (!modal) return;
    this.sheet.setAttribute("role", "dialog");
    this.sheet.setAttribute("aria-modal", "true");
    this.sheet.setAttribute("aria-labelledby", "connect-ui-title");
    document.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("pointerdown", (event) => {
      if (!this.sheet.contains(event.target)) this.close("outside");
    });
  }

  /** Replaces the screen. `wide` opens the second pane; `focus` names what gets the focus. */
  show(node, { wide = false, focus = "#connect-ui-title" } = {}) {
    this.dirty = false;
    this.sheet.toggleAttribute("data-wide", wide);
    this.sheet.removeAttribute("aria-busy");
    this.sheet.replaceChildren(node);
    this.sheet.scrollTop = 0;
    const target = node.querySelector(focus) ?? node.querySelector("#connect-ui-title");
    if (target && !target.matches(FOCUSABLE)) target.tabIndex = -1;
    target?.focus({ preventScroll: true });
  }

  /** Says `text` to those who listen. */
  announce(text) {
    this.live.textContent = "";
    requestAnimationFrame(() => (this.live.textContent = text));
  }

  /** Leaves, after asking where something would be lost. */
  async close(how) {
    if (await this.mayLeave()) this.onClose(how);
  }

  /** Whether what was typed may be thrown away; asks only if there is something. */
  mayLeave() {
    if (!this.dirty) return Promise.resolve(true);
    if (document.querySelector("dialog[open]")) return Promise.resolve(false);
    return new Promise((resolve) => {
      const dialog = h(
        "dialog",
        { class: "dialog", "aria-labelledby": "guard-title", "aria-describedby": "guard-text" },
        h("div", { class: "head" }, h("h2", { id: "guard-title" }, t("guard.title"))),
        h("div", { class: "body" }, h("p", { id: "guard-text", class: "muted" }, t("guard.text"))),
        h(
          "div",
          { class: "foot" },
          button(t("guard.discard"), { kind: "quiet-danger", onclick: () => dialog.close("discard") }),
          button(t("guard.keep"), { kind: "primary", id: "guard-keep", onclick: () => dialog.close("keep") }),
        ),
      );
      dialog.addEventListener("close", () => {
        dialog.remove();
        resolve(dialog.returnValue === "discard");
      });
      this.sheet.append(dialog);
      dialog.showModal();
      dialog.querySelector("#guard-keep").focus();
    });
  }

  #key(event) {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") {
      event.preventDefault();
      this.close("escape");
    } else if (event.key === "Tab") {
      this.#keepInside(event);
    }
  }

  /** The host's page lies behind: the focus goes round inside the sheet. */
  #keepInside(event) {
    const all = [...this.sheet.querySelectorAll(FOCUSABLE)].filter((element) => element.checkVisibility());
    if (all.length === 0) return;
    const active = document.activeElement;
    const edge = event.shiftKey ? all[0] : all.at(-1);
    const outside = !this.sheet.contains(active) || (event.shiftKey && !active.matches(FOCUSABLE));
    if (active !== edge && !outside) return;
    event.preventDefault();
    (event.shiftKey ? all.at(-1) : all[0]).focus();
  }
}
