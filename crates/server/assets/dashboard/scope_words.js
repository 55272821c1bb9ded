// Lists of scopes as text. Pure.

/** The scopes of a text, in order and once each: separated by commas, spaces or lines. */
export const split = (text) => [...new Set(text.split(/[\s,]+/).filter(Boolean))];

/** Known scopes that hold every word of `query` and are not chosen yet; the ones that begin with it first. */
export function matching(known, chosen, query, most) {
  const text = query.trim().toLowerCase();
  const words = text.split(/[\s:./_-]+/).filter(Boolean);
  const fits = (scope) => words.every((word) => scope.toLowerCase().includes(word));
  const found = known.filter((scope) => !chosen.includes(scope) && fits(scope));
  const begins = (scope) => scope.toLowerCase().startsWith(text);
  return [...found.filter(begins), ...found.filter((scope) => !begins(scope))].slice(0, most);
}
