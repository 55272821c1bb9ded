// Talking to the page that embeds this one (connect.md 6).

import { isToken } from "./config.js";

/**
 * `ready` and `close` hold nothing and go to anybody; what happened goes only to the origin that
 * sent the first token.
 */
export class Host {
  #origin = null;

  /** `onToken(token)`, `onSettings(settings)`: the latter only for the dashboard's preview. */
  constructor({ framed, preview, onToken, onSettings }) {
    this.framed = framed;
    if (!framed) return;
    window.addEventListener("message", ({ source, origin, data }) => {
      if (source !== window.parent || typeof data !== "object" || data === null) return;
      if (data.type === "session_token" && isToken(data.sessionToken)) {
        this.#origin ??= origin;
        if (origin === this.#origin) onToken(data.sessionToken);
      } else if (data.type === "settings_changed" && preview && origin === location.origin) {
        onSettings(data.payload ?? {});
      }
    });
  }

  ready() {
    this.#post({ type: "ready" }, "*");
  }

  close() {
    this.#post({ type: "close" }, "*");
  }

  connect(payload) {
    this.#tell({ type: "connect", payload });
  }

  error(errorType, errorMessage) {
    this.#tell({ type: "error", payload: { errorType, errorMessage } });
  }

  /** A page without an origin of its own (a file, a sandbox) can only be addressed as "*". */
  #tell(message) {
    if (this.#origin !== null) this.#post(message, this.#origin === "null" ? "*" : this.#origin);
    else if (this.framed)
      this.#post(message, document.referrer ? new URL(document.referrer).origin : location.origin);
  }

  #post(message, target) {
    if (this.framed) window.parent.postMessage(message, target);
  }
}
