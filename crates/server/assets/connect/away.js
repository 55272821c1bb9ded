// Linking without a window: this page itself goes to the provider and comes back. What it has to know again is kept
// for this tab alone; what came of the attempt is asked of the server, never read from the address.

import { newAttempt } from "./window.js";

/** Where `config.js` finds it again. */
export const KEPT = "dovetail-away";
/** Milliseconds between two questions. */
const POLL_MS = 1000;
/** Questions until an attempt counts as broken off: the callback has ended before the browser is sent back. */
const QUESTIONS = 3;

/** Goes to the provider. `search` is what this page's own address says, `root` where it is. */
export function goAway(api, key, values, { root, search, storage = sessionStorage, go = (url) => location.assign(url) }) {
  const attempt = newAttempt();
  storage.setItem(KEPT, JSON.stringify({ token: api.token, key, attempt, search }));
  const url = new URL(api.windowUrl(key, attempt, values));
  url.searchParams.set("return_url", root);
  go(url.href);
}

/** What came of the attempt; null when the person came back without having finished. */
export async function outcomeOf(api, attempt, wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))) {
  for (let asked = 1; ; asked += 1) {
    const outcome = await api.get(`/connect/session/attempts/${attempt}`);
    if (outcome.status !== "pending") return outcome;
    if (asked === QUESTIONS) return null;
    await wait(POLL_MS);
  }
}
