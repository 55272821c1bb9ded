// Colours that a customer chose, made readable. Pure: colours are [r, g, b] of 0..255.

const linear = (channel) => {
  const value = channel / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
};

/** Relative luminance (WCAG 2.2). */
export const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);

/** Contrast ratio of two colours, 1..21. */
export function contrast(a, b) {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

const WHITE = [255, 255, 255];
const BLACK = [0, 0, 0];
/** WCAG AA for text. */
const READABLE = 4.5;

/** Black or white, whichever reads better on `fill`. One of them always reaches 4.5:1. */
export const onColour = (fill) =>
  contrast(fill, WHITE) >= READABLE || contrast(fill, WHITE) >= contrast(fill, BLACK) ? WHITE : BLACK;

/** `colour` moved towards black or white until it can be read as text on `surface`. */
export function inkOn(colour, surface, least = READABLE) {
  const goal = luminance(surface) > 0.18 ? BLACK : WHITE;
  for (let share = 0; share <= 1; share += 0.04) {
    const mixed = colour.map((channel, i) => Math.round(channel + (goal[i] - channel) * share));
    if (contrast(mixed, surface) >= least) return mixed;
  }
  return goal;
}

export const css = ([r, g, b]) => `rgb(${r} ${g} ${b})`;

/** `#rgb` and `#rrggbb`; null for anything else, which the browser is asked for instead. */
export function parseHex(text) {
  const match = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text.trim());
  if (!match) return null;
  const digits = match[1].length === 3 ? match[1].replace(/./g, "$&$&") : match[1];
  return [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16));
}
