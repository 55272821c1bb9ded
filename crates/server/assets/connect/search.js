// Finding an account in the list by a person's words, a slip of the finger included: the same rules
// as the catalogue's own search. Pure.

/** Letters a word needs before one slip is forgiven, and two: shorter words are too near to each other. */
const ONE_SLIP = 4;
const TWO_SLIPS = 8;

const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const parts = (text) => text.split(/[^\p{L}\p{N}]+/u).filter(Boolean);

/** What of an integration is searched: name, ids, categories, and the service it is an alias of. */
export function entryOf({ display_name, provider = "", unique_key = "", categories = [], alias }) {
  const name = fold(display_name || provider);
  const begins = [provider, unique_key, alias, ...categories].filter(Boolean).map(fold);
  return { name, begins: begins.flatMap((text) => [text, ...parts(text)]), parts: [...parts(name), ...parts(fold(provider))] };
}

/**
 * Which entries fit `query`, as a list of booleans. Every word must be found; only where no entry
 * fits, words with a slip count: one letter wrong, missing, added or swapped, two in long words.
 */
export function search(entries, query) {
  const words = fold(query).split(/\s+/).filter(Boolean);
  const exact = entries.map((entry) => words.every((word) => fits(entry, word)));
  if (exact.includes(true)) return exact;
  return entries.map((entry) => words.every((word) => fits(entry, word) || slipped(entry, word)));
}

const fits = (entry, word) => entry.name.includes(word) || entry.begins.some((text) => text.startsWith(word));

function slipped(entry, word) {
  const forgiven = word.length >= TWO_SLIPS ? 2 : word.length >= ONE_SLIP ? 1 : 0;
  if (forgiven === 0) return false;
  return entry.parts.some((part) => {
    // Somebody still typing has written the beginning only.
    for (let end = Math.max(1, word.length - forgiven); end <= Math.min(word.length + forgiven, part.length); end++)
      if (distance(word, part.slice(0, end)) <= forgiven) return true;
    return false;
  });
}

/** Letters to change, add, remove or swap (optimal string alignment). */
export function distance(a, b) {
  let [before, row] = [[], [...Array(b.length + 1).keys()]];
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      let cost = Math.min(row[j] + (a[i] === b[j] ? 0 : 1), row[j + 1] + 1, next[j] + 1);
      if (i > 0 && j > 0 && a[i] === b[j - 1] && a[i - 1] === b[j]) cost = Math.min(cost, before[j - 1] + 1);
      next.push(cost);
    }
    [before, row] = [row, next];
  }
  return row[b.length];
}
