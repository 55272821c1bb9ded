// One catalogue of texts: the server chose the language and put its address into the page.

let texts = {};

/** Loads the catalogue named by the page. */
export async function loadTexts(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`texts: ${response.status}`);
  texts = await response.json();
}

/** The text `key` with `{name}` replaced; without a catalogue the key itself. */
export const t = (key, values = {}) => fill(texts[key] ?? key, values);

/** Whether the catalogue has `key`. */
export const has = (key) => key in texts;

/** Replaces `{name}`; a name without a value stays as it is. */
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
