// The end of the provider's window: tells whoever opened it, then closes itself.

/** Milliseconds until a window whose work is done closes itself: the opener reads the message first. */
const CLOSE_MS = 500;

const meta = (name) => document.querySelector(`meta[name="dovetail-${name}"]`)?.content;
const errorType = meta("error-type");
const ownOrigin = meta("own-origin");

const message = errorType
  ? {
      type: "nango_oauth_callback_error",
      payload: { message: meta("error-message"), errorType },
    }
  : { type: "nango_oauth_callback_success" };

/** What strangers may know: that it is over, and how. */
const neutral = errorType
  ? { type: message.type, payload: { message: document.title, errorType } }
  : message;

if (window.opener && window.opener !== window) {
  window.opener.postMessage(message, ownOrigin);
  window.opener.postMessage(neutral, "*");
}

// Reaches our own page where the provider's site has cut the opener off.
if ("BroadcastChannel" in window) {
  const channel = new BroadcastChannel("nango-oauth-callback");
  channel.postMessage(message);
  channel.close();
}

window.addEventListener("message", ({ data }) => {
  if (data?.type === "nango_oauth_callback_ack") window.close();
});

const button = document.getElementById("close");
if (window.opener) {
  button.hidden = false;
  button.addEventListener("click", () => window.close());
}
if (!errorType) setTimeout(() => window.close(), CLOSE_MS);
