// The Connect page: from the handshake to the linked account. Screens are in screens/.

import { Api, ApiError } from "./api.js";
import { hideToken, readConfig } from "./config.js";
import { isExpired } from "./errors.js";
import { Host } from "./host.js";
import { loadTexts } from "./i18n.js";
import { formScreen } from "./screens/form.js";
import { messageScreen } from "./screens/message.js";
import { successScreen } from "./screens/success.js";
import { Shell } from "./shell.js";
import { applyTheme } from "./theme.js";

/** Milliseconds that an embedding page has to send a token before the person is told. */
const TOKEN_WAIT_MS = 10_000;
/** Milliseconds that the dashboard's preview waits for a token before it shows a sample. */
const PREVIEW_WAIT_MS = 400;

class App {
  settings = {};
  session = {};
  integrations = [];
  #open = false;
  #asked = null;
  #kept = null;

  constructor(config) {
    this.config = config;
    this.api = new Api(config.api, config.lang);
    const modal = config.framed && !config.preview;
    this.shell = new Shell({ modal, onClose: (how) => this.leave(how) });
    this.host = new Host({
      framed: config.framed,
      preview: config.preview,
      onToken: (token) => this.token(token),
      onSettings: (settings) => this.restyle(settings),
    });
  }

  async start() {
    const { config } = this;
    const root = document.documentElement;
    root.dataset.frame = config.preview || config.embedded ? "fill" : config.framed ? "modal" : "page";
    if (config.theme) root.dataset.theme = config.theme;
    hideToken();
    const { away } = config;
    if (away?.search && away.search !== location.search) {
      // The language and whatever else this page was opened with.
      sessionStorage.setItem("dovetail-away", JSON.stringify(away));
      return location.replace(location.pathname + away.search);
    }
    this.host.ready();
    this.ready = loadTexts(config.texts);
    await this.ready;
    if (this.#asked) return;
    const token = config.token ?? away?.token;
    if (token) this.token(token);
    else if (config.preview) setTimeout(() => this.#asked ?? this.preview(), PREVIEW_WAIT_MS);
    else if (!config.framed) this.message("direct");
    else setTimeout(() => this.#asked ?? this.message("direct"), TOKEN_WAIT_MS);
  }

  /** A token came. A second one, after the first ran out, brings the person back to their form. */
  async token(token) {
    this.#asked = token;
    this.api.token = token;
    await this.ready;
    if (!this.#open) return this.load();
    if (this.#kept) {
      const { nodes, wide } = this.#kept;
      this.#kept = null;
      this.shell.show(nodes, { wide });
      this.shell.dirty = true;
    }
  }

  async load() {
    try {
      const [session, integrations] = await Promise.all([
        this.api.get("/connect/session"),
        this.api.get("/integrations"),
      ]);
      Object.assign(this, { session, integrations, settings: session.connectUISettings ?? {} });
    } catch (error) {
      if (isExpired(error)) return this.message("expired");
      this.beacon("view:unknown_error");
      return this.message("broken", { onretry: () => this.load() });
    }
    this.#open = true;
    applyTheme(this.settings, this.config.theme);
    if (this.config.away) return this.cameBack(this.config.away);
    this.beacon("open");
    const only = this.integrations.length === 1 && this.session.allowed_integrations?.length === 1;
    if (only) await this.pick(this.integrations[0], { alone: true });
    else await this.list();
  }

  /** This page went to a provider and is back: shows what came of it. */
  async cameBack({ key, attempt }) {
    this.config.away = null;
    const integration = this.integrations.find(({ unique_key }) => unique_key === key);
    if (!integration) return this.list();
    const alone = this.integrations.length === 1;
    try {
      const { outcomeOf } = await import("./away.js");
      const outcome = await outcomeOf(this.api, attempt);
      if (outcome?.status !== "success") {
        const failure = outcome && new ApiError(400, { code: outcome.errorType, message: outcome.errorMessage });
        return this.pick(integration, { alone, failure });
      }
      const provider = await this.api.get(`/providers/${encodeURIComponent(integration.provider)}`);
      this.linked(integration, provider, outcome);
    } catch (error) {
      if (isExpired(error)) return this.message("expired");
      this.message("broken", { onretry: () => this.cameBack({ key, attempt }) });
    }
  }

  /** Most visits are for one service: the list is fetched by those that see it. */
  async list() {
    let listScreen;
    try {
      ({ listScreen } = await import("./screens/list.js"));
    } catch {
      return this.message("broken", { onretry: () => this.list() });
    }
    this.shell.show(listScreen(this, this.integrations, (integration) => this.pick(integration)));
    this.beacon("view:list");
  }

  async pick(integration, { alone = false, failure = null } = {}) {
    if (!alone && !failure) this.beacon("click:integration", integration.unique_key);
    let provider;
    let guide;
    try {
      [provider, guide] = await Promise.all([
        this.api.get(`/providers/${encodeURIComponent(integration.provider)}`),
        this.api.guide(integration.provider),
      ]);
    } catch (error) {
      if (isExpired(error)) return this.message("expired");
      this.beacon("view:unknown_error", integration.unique_key);
      return this.message("broken", { onretry: () => this.pick(integration, { alone }) });
    }
    const onback = alone
      ? undefined
      : async () => {
          if (await this.shell.mayLeave()) this.list();
        };
    const onlinked = (result) => this.linked(integration, provider, result);
    const { node, fail, ...options } = formScreen(this, { integration, provider, guide, onback, onlinked });
    this.shell.show(node, options);
    if (failure) fail(failure);
    this.beacon("view:integration", integration.unique_key);
  }

  linked(integration, provider, { connectionId, providerConfigKey, isPending }) {
    const many = this.integrations.length > 1;
    const onanother = many && !this.session.isReconnecting ? () => this.list() : undefined;
    const result = { connection_id: connectionId, provider_config_key: providerConfigKey };
    this.shell.show(successScreen(this, { integration, provider, result, onanother }));
    this.beacon("view:success", integration.unique_key);
    this.host.connect({ providerConfigKey, connectionId, ...(isPending === undefined ? {} : { isPending }) });
  }

  /** An attempt failed: the embedding page hears of it, once. */
  failed(code, text, key) {
    this.beacon("view:credentials_error", key);
    this.host.error(code, text);
  }

  /** The session ran out under the form: keep it, in case the host sends a new token. */
  expired() {
    const { sheet } = this.shell;
    this.#kept = { nodes: sheet.firstElementChild, wide: sheet.hasAttribute("data-wide") };
    this.message("expired");
  }

  message(what, options) {
    this.shell.show(messageScreen(this, what, options));
  }

  finish() {
    if (this.config.preview) return;
    this.beacon("click:finish");
    this.host.close();
  }

  leave(how) {
    if (this.config.preview) return;
    if (this.api.token) this.beacon(how === "outside" ? "click:outside" : "click:close");
    this.host.close();
  }

  beacon(event, integration) {
    if (!this.config.preview && this.api.token) this.api.beacon(event, integration);
  }

  /** The dashboard's preview: a sample account in the colours being chosen. */
  async preview() {
    const { sample } = await import("./preview.js");
    const { provider } = sample;
    const guide = await this.api.guide(provider.name);
    const logo = `${this.config.api}/images/template-logos/${provider.name}.svg`;
    const integration = { ...sample.integration, logo };
    this.redraw = () => {
      const { node, wide } = formScreen(this, { integration, provider, guide, onlinked: () => {} });
      this.shell.show(node, { wide, focus: "none" });
    };
    applyTheme(this.settings, this.config.theme);
    this.redraw();
  }

  restyle(settings) {
    this.settings = { ...this.settings, ...settings };
    applyTheme(this.settings, this.config.theme);
    this.redraw?.();
  }
}

new App(readConfig()).start();
