// What the address and the shell say about this visit. Pure but for `readConfig`.

const TOKEN = /^nango_connect_session_[a-f0-9]{64}$/;

/** Whether `text` is a session token by its form. */
export const isToken = (text) => typeof text === "string" && TOKEN.test(text);

/**
 * The API is the page's own origin. An `apiURL` of the query counts only when it is that origin
 * or one that the operator listed: a crafted link must not send a key elsewhere.
 */
export function apiBase(asked, own, listed = []) {
  if (!asked || !URL.canParse(asked)) return own;
  const origin = new URL(asked).origin;
  if (origin === new URL(own).origin) return own;
  return listed.includes(origin) ? asked.replace(/\/+$/, "") : own;
}

export function readConfig() {
  const query = new URLSearchParams(location.search);
  const meta = (name) => document.querySelector(`meta[name="dovetail-${name}"]`)?.content ?? "";
  const framed = window.self !== window.top;
  const token = query.get("session_token");
  const own = location.origin + meta("base");
  return {
    api: apiBase(query.get("apiURL"), own, meta("api-origins").split(" ").filter(Boolean)),
    texts: meta("texts"),
    lang: document.documentElement.lang || "en",
    theme: ["light", "dark", "system"].includes(query.get("theme")) ? query.get("theme") : null,
    token: isToken(token) ? token : null,
    hadToken: token !== null,
    framed,
    link: !framed,
    embedded: query.get("embedded") === "true",
    preview: query.get("preview") === "true",
  };
}

/** Takes the token out of the address bar, the history and what a copied address would carry. */
export function hideToken() {
  const url = new URL(location.href);
  if (!url.searchParams.has("session_token")) return;
  url.searchParams.delete("session_token");
  history.replaceState(history.state, "", url);
}
