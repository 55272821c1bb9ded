// Elements without a framework. No style attributes: the page's policy forbids them.

const SVG = "http://www.w3.org/2000/svg";
const assets = document.querySelector('meta[name="dovetail-assets"]')?.content ?? "../";

/** `h("p", {class: "muted", onclick}, "text", child)`; false, null and undefined are left out. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked") element[name] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(
    ...children.flat().filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

export function icon(name, extra = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `icon ${extra}`.trim());
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${assets}icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/** A button of the parts list; `icon` before the label. */
export function button(label, { kind = "", icon: name, type = "button", ...props } = {}) {
  return h(
    "button",
    { type, class: `button ${kind}`.trim(), ...props },
    name && icon(name),
    h("span", {}, label),
  );
}

/** A button that is only a picture, named for those who cannot see it. */
export function iconButton(name, label, onclick, props = {}) {
  return h(
    "button",
    { type: "button", class: "button plain icon-only", "aria-label": label, title: label, onclick, ...props },
    icon(name),
  );
}

/** A logo, or the first letter of the name where the picture cannot be had. */
export function logo(url, name, size = "") {
  const letter = () =>
    h(
      "span",
      { class: `logo letter ${size}`.trim(), "aria-hidden": "true" },
      (name || "?").charAt(0).toUpperCase(),
    );
  if (!url) return letter();
  const image = h("img", { class: `logo ${size}`.trim(), src: url, alt: "", width: 32, height: 32 });
  image.addEventListener("error", () => image.replaceWith(letter()), { once: true });
  return image;
}

let last = 0;
/** An id that no other element of the page has. */
export const uid = (prefix) => `${prefix}-${++last}`;

/** Text of the guides with its bold and code parts. */
export const rich = (parts) => parts.map(({ text, mark }) => (mark ? h(mark, {}, text) : text));
