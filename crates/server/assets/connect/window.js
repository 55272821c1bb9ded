// A window of the provider, and the wait for what comes of it. The outcome is asked for again and again; messages
// of the window only make the next question come sooner, so that a lost one loses nothing.

import { ApiError } from "./api.js";

/** Milliseconds between two questions. */
const POLL_MS = 1500;
/** Milliseconds between two looks at whether the window is still there. */
const LOOK_MS = 500;
/** Size of the window, in pixels; never more than the screen. */
const WIDTH = 520;
const HEIGHT = 680;

/** A UUID v4; `randomUUID` is missing where a page came without TLS from another machine. */
export function newAttempt(crypto = globalThis.crypto) {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** What a finished attempt gives to the form, or why it throws. */
export function settled(outcome) {
  if (outcome.status === "success") return outcome;
  throw new ApiError(400, { code: outcome.errorType, message: outcome.errorMessage });
}

/**
 * Opens the window; call it within the person's click, or browsers block it. Throws `blocked_by_browser`.
 * @returns `{done, cancel}`: `done` settles with `{connectionId, providerConfigKey, isPending}` or an `ApiError`
 */
export function linkInWindow(api, key, values, { onclosed, open = window.open.bind(window) }) {
  const attempt = newAttempt();
  const left = Math.max(0, (screen.width - WIDTH) / 2);
  const top = Math.max(0, (screen.height - HEIGHT) / 2);
  const features = `popup,width=${Math.min(WIDTH, screen.width)},height=${Math.min(HEIGHT, screen.height)},left=${left},top=${top}`;
  const opened = open(api.windowUrl(key, attempt, values), "_blank", features);
  if (!opened || opened.closed) throw new ApiError(400, { code: "blocked_by_browser" });

  let over = false;
  let nudge = () => {};
  const soon = () => nudge();
  const listen = ({ origin, source, data }) => {
    if (origin !== new URL(api.base).origin || !/^nango_oauth_callback_/.test(data?.type ?? "")) return;
    soon();
    source?.postMessage({ type: "nango_oauth_callback_ack" }, origin);
  };
  const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("nango-oauth-callback") : null;
  channel?.addEventListener("message", soon);
  addEventListener("message", listen);
  let gone = false;
  const look = setInterval(() => {
    if (gone || !opened.closed) return;
    gone = true;
    soon();
    onclosed();
  }, LOOK_MS);

  const ask = async () => {
    while (!over) {
      await new Promise((resolve) => {
        nudge = resolve;
        setTimeout(resolve, POLL_MS);
      });
      try {
        const outcome = await api.get(`/connect/session/attempts/${attempt}`);
        if (outcome.status !== "pending") return settled(outcome);
      } catch (error) {
        // A server that cannot be reached for a moment says nothing about the attempt.
        if (error.status !== 0 && error.status < 500 && error.status !== 429) throw error;
      }
    }
    throw new ApiError(400, { code: "cancelled" });
  };
  const cancel = () => {
    over = true;
    nudge();
    clearInterval(look);
    removeEventListener("message", listen);
    channel?.close();
  };
  return { done: ask().finally(cancel), cancel };
}
