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
    // No windows: asked for, or an app without any.
    redirect:
      !framed && (query.get("redirect") === "true" || matchMedia("(display-mode: standalone)").matches),
    root: `${own}/connect/`,
    away: framed || token !== null ? null : takeKept(),
  };
}

/** What this tab kept when it went to a provider (away.js): used once. */
function takeKept() {
  try {
    const kept = JSON.parse(sessionStorage.getItem("dovetail-away"));
    sessionStorage.removeItem("dovetail-away");
    return isToken(kept?.token) ? kept : null;
  } catch {
    return null;
  }
}

/** What is read once: the token, and what a way back from a provider says. */
const ONCE = ["session_token", "connection_id", "provider_config_key", "is_pending", "error_type", "error"];

/** Takes the token out of the address bar, the history and what a copied address would carry. */
export function hideToken() {
  const url = new URL(location.href);
  if (!ONCE.some((name) => url.searchParams.has(name))) return;
  for (const name of ONCE) url.searchParams.delete(name);
  history.replaceState(history.state, "", url);
}
