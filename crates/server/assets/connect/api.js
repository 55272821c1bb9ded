// Calls to our own server. The token goes in a header, or in the query where the wire wants it.

/** Milliseconds until a read is given up. */
const READ_MS = 20_000;
/** Milliseconds until an attempt is given up: the server waits for the provider meanwhile. */
const SUBMIT_MS = 70_000;

export class ApiError extends Error {
  constructor(status, { code = "unknown", message = "", errors = [], payload = {} } = {}) {
    super(message || code);
    Object.assign(this, { status, code, message, errors, payload: payload ?? {} });
  }
}

export class Api {
  token = null;

  constructor(base, lang) {
    this.base = base;
    this.lang = lang;
  }

  /** `data` of a GET. */
  async get(path) {
    const body = await this.#send(path, { headers: { authorization: `Bearer ${this.token}` } }, READ_MS);
    return body.data;
  }

  /** A guide, or null where there is none: the form works without. */
  async guide(provider) {
    try {
      const guide = await this.#send(
        `/guides/${encodeURIComponent(provider)}.json`,
        { headers: {} },
        READ_MS,
      );
      return { ...guide, steps: [...guide.steps, guide.finish].filter(Boolean) };
    } catch {
      return null;
    }
  }

  /** One attempt to link: `{connectionId, providerConfigKey}`. */
  submit(path, key, params, body) {
    const query = new URLSearchParams({ connect_session_token: this.token });
    for (const [name, value] of Object.entries(params)) query.set(`params[${name}]`, value);
    const init = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body ?? {}),
    };
    return this.#send(`${path}/${encodeURIComponent(key)}?${query}`, init, SUBMIT_MS);
  }

  /** The address that a window of the provider is opened at; the window goes on from there. */
  windowUrl(key, attempt, { params, credentials }) {
    const query = new URLSearchParams({ connect_session_token: this.token, ws_client_id: attempt });
    for (const [name, value] of Object.entries(params ?? {})) query.set(`params[${name}]`, value);
    for (const [name, value] of Object.entries(credentials ?? {})) query.set(`credentials[${name}]`, value);
    return `${this.base}/oauth/connect/${encodeURIComponent(key)}?${query}`;
  }

  /** Tells the server how far the person came; never in the way, never an error. */
  beacon(event, integration) {
    const body = { token: this.token, event, timestamp: new Date().toISOString() };
    if (integration) body.dimensions = { integration };
    const blob = new Blob([JSON.stringify(body)], { type: "application/json" });
    navigator.sendBeacon?.(`${this.base}/connect/telemetry`, blob);
  }

  async #send(path, init, limit) {
    let response;
    try {
      response = await fetch(this.base + path, {
        ...init,
        headers: { accept: "application/json", "accept-language": this.lang, ...init.headers },
        credentials: "omit",
        cache: init.method ? "no-store" : "default",
        referrerPolicy: "no-referrer",
        signal: AbortSignal.timeout(limit),
      });
    } catch {
      throw new ApiError(0, { code: "offline" });
    }
    const body = await response.json().catch(() => null);
    if (response.ok && body && !body.error) return body;
    throw new ApiError(response.status, body?.error ?? {});
  }
}
