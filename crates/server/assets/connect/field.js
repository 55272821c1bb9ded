// One row of the form: label, hint, control, error, and where to find the value.

import { button, h, icon, uid } from "./dom.js";
import { FILE_KINDS, MAX_FILE_BYTES, textOf } from "./file.js";
import { t } from "./i18n.js";
import { normalise } from "./normalise.js";
import { validate } from "./validate.js";

/** Password managers and browsers keep out: these are keys of another service. */
const PRIVATE = {
  autocomplete: "off",
  autocapitalize: "none",
  autocorrect: "off",
  spellcheck: "false",
  "data-1p-ignore": true,
  "data-lpignore": "true",
  "data-bwignore": true,
};

/**
 * @returns `{node, field, value, check(), fail(message), focus(), seal()}`; `value` is clean.
 * `onfocus(path)` and `onchange(path)` tell the screen. While `quiet()` no error appears by itself:
 * it would push the button away from under the finger that presses it.
 */
export function fieldRow(field, { fold, quiet, onfocus, onchange }) {
  const id = uid("field");
  const hintId = `${id}-hint`;
  const errorId = `${id}-error`;
  const common = {
    id,
    name: field.path,
    "aria-required": field.required ? "true" : undefined,
    "aria-describedby": [field.hint && hintId, errorId].filter(Boolean).join(" "),
    onfocus: () => onfocus(field.path),
    onblur: () => settle(),
    ...PRIVATE,
  };
  const control = makeControl(field, common);
  const error = h("p", { class: "error", id: errorId });
  let judged = false;

  const fail = (message) => {
    error.textContent = message ?? "";
    if (message) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  };
  const check = () => {
    judged = true;
    const found = validate(field, normalise(field, control.value));
    fail(found && t(found.key, found.values));
    return !found;
  };
  /** Cleans what stands in the field, once the person has left it. */
  const settle = () => {
    const clean = normalise(field, control.value);
    if (clean !== control.value) control.value = clean;
    if (clean !== "" && !quiet()) check();
  };
  const tools =
    field.kind === "secret" || field.kind === "long"
      ? secretTools(field, control, () => edited(), settle)
      : null;
  const edited = () => {
    tools?.update();
    if (judged || control.hasAttribute("aria-invalid")) check();
    onchange(field.path);
  };
  control.addEventListener("input", edited);
  control.addEventListener("paste", () => setTimeout(settle));
  const upload = field.kind === "long" ? fileTools(field, control, { edited, settle, fail }) : null;
  tools?.update();

  const node = h(
    "div",
    { class: "form-row", "data-field": field.path },
    h(
      "div",
      { class: "label" },
      h("label", { for: id, dir: "auto" }, field.label),
      field.optional && h("span", { class: "optional small" }, t("field.optional")),
    ),
    field.hint && h("p", { class: "hint", id: hintId, dir: "auto" }, field.hint),
    h(
      "div",
      {
        class: `field ${field.kind === "text" ? "" : field.kind === "choice" ? "choice" : "secret"}`.trim(),
        dir: field.kind === "choice" ? undefined : "ltr",
      },
      field.prefix && h("span", { class: "affix" }, field.prefix),
      control,
      field.suffix && h("span", { class: "affix" }, field.suffix),
      field.kind === "choice" && icon("down"),
      tools?.node,
    ),
    upload,
    error,
    fold,
  );
  return {
    node,
    field,
    fail,
    check,
    get value() {
      return normalise(field, control.value);
    },
    set value(text) {
      control.value = text;
      edited();
    },
    focus: () => control.focus(),
    seal: () => tools?.seal(),
    lock: (locked) =>
      control.tagName === "SELECT" ? (control.disabled = locked) : (control.readOnly = locked),
  };
}

function makeControl(field, common) {
  if (field.kind === "choice") {
    const first = field.optional ? [h("option", { value: "" }, t("field.choose"))] : [];
    const select = h(
      "select",
      { ...common, onchange: (event) => event.target.dispatchEvent(new Event("input")) },
      ...first,
      ...field.options.map((value) => h("option", { value }, value)),
    );
    select.value = field.initial;
    return select;
  }
  if (field.kind === "long")
    return h("textarea", {
      ...common,
      rows: 5,
      value: field.initial,
      placeholder: field.example,
      "data-masked": true,
    });
  const type = field.kind === "secret" ? "password" : field.format === "email" ? "email" : "text";
  const inputmode = { email: "email", uri: "url", hostname: "url" }[field.format];
  return h("input", { ...common, type, inputmode, value: field.initial, placeholder: field.example });
}

/** A file chosen or dropped: its text goes into the field, the file itself nowhere. */
function fileTools(field, control, { edited, settle, fail }) {
  const take = async (file) => {
    if (!file) return;
    const { text, error } = textOf(await file.slice(0, MAX_FILE_BYTES + 1).arrayBuffer());
    if (error) return fail(t(error));
    control.value = text;
    edited();
    settle();
    control.focus();
  };
  const input = h("input", {
    type: "file",
    hidden: true,
    accept: FILE_KINDS,
    onchange: async () => {
      await take(input.files[0]);
      input.value = ""; // the same file can be chosen again
    },
  });
  const holdsFile = (event) => event.dataTransfer?.types.includes("Files") && !control.readOnly;
  const over = (on) => control.parentElement.toggleAttribute("data-drop", on);
  control.addEventListener("dragover", (event) => {
    if (!holdsFile(event)) return;
    event.preventDefault();
    over(true);
  });
  control.addEventListener("dragleave", () => over(false));
  control.addEventListener("drop", (event) => {
    over(false);
    if (!holdsFile(event)) return;
    event.preventDefault();
    take(event.dataTransfer.files[0]);
  });
  return h(
    "div",
    { class: "from-file small muted" },
    input,
    button(t("field.file"), {
      kind: "small",
      "aria-label": `${t("field.file")}: ${field.label}`,
      onclick: () => control.readOnly || input.click(),
    }),
    h("span", {}, t("field.file_hint")),
  );
}

/** Reveal, paste, clear. After an attempt the value is sealed: shown again only when typed anew. */
function secretTools(field, control, edited, settle) {
  let shown = false;
  let sealed = false;
  const show = (on) => {
    shown = on;
    if (control.tagName === "TEXTAREA") control.toggleAttribute("data-masked", !on);
    else control.type = on ? "text" : "password";
    reveal.replaceChildren(icon(on ? "eye-off" : "eye"));
    reveal.setAttribute("aria-label", `${t(on ? "field.hide" : "field.reveal")}: ${field.label}`);
    reveal.title = t(on ? "field.hide" : "field.reveal");
  };
  const reveal = h("button", {
    type: "button",
    onclick: () => {
      show(!shown);
      control.focus();
    },
  });
  const put = (text) => {
    sealed = false;
    control.value = text;
    edited();
  };
  const clear = h(
    "button",
    {
      type: "button",
      title: t("field.clear"),
      "aria-label": `${t("field.clear")}: ${field.label}`,
      onclick: () => {
        put("");
        show(false);
        control.focus();
      },
    },
    icon("cross"),
  );
  const paste = h(
    "button",
    {
      type: "button",
      "aria-label": `${t("field.paste")}: ${field.label}`,
      onclick: async () => {
        try {
          put(await navigator.clipboard.readText());
          settle();
        } catch {
          paste.hidden = true; // not allowed here: the keyboard still works
        }
        control.focus();
      },
    },
    icon("paste"),
    h("span", {}, t("field.paste")),
  );
  const canPaste =
    Boolean(navigator.clipboard?.readText) &&
    document.featurePolicy?.allowsFeature?.("clipboard-read") !== false;
  const update = () => {
    const empty = control.value === "";
    if (empty) sealed = false;
    clear.hidden = empty;
    reveal.hidden = empty || sealed;
    paste.hidden = !canPaste || !empty;
  };
  show(false);
  return {
    node: h("div", { class: "field-actions" }, reveal, clear, paste),
    update,
    seal: () => {
      sealed = control.value !== "";
      show(false);
      update();
    },
  };
}
