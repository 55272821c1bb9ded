// Light, dark or the device's, and the customer's colours made readable.

import { css, inkOn, onColour, parseHex } from "./colour.js";

/** The surfaces of tokens.css on which accent text stands, darkest dark and lightest light. */
const SURFACE = { light: [246, 247, 247], dark: [36, 39, 43] };

/** Applies `connectUISettings`; a theme of the query wins over the stored one. */
export function applyTheme(settings, asked) {
  const root = document.documentElement;
  root.dataset.theme = asked ?? settings.defaultTheme ?? "system";
  for (const mode of ["light", "dark"]) {
    const primary = settings.theme?.[mode]?.primary;
    const rgb = primary ? (parseHex(primary) ?? askBrowser(primary)) : null;
    if (!rgb) {
      for (const name of ["accent", "on-accent", "accent-ink"])
        root.style.removeProperty(`--${name}-${mode}`);
      continue;
    }
    root.style.setProperty(`--accent-${mode}`, css(rgb));
    root.style.setProperty(`--on-accent-${mode}`, css(onColour(rgb)));
    root.style.setProperty(`--accent-ink-${mode}`, css(inkOn(rgb, SURFACE[mode])));
  }
}

/** Any other CSS colour, painted on one pixel and read back. */
function askBrowser(colour) {
  if (!CSS.supports("color", colour)) return null;
  const context = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
  return a === 0 ? null : [r, g, b];
}
