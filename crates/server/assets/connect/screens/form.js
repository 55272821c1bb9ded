// The form beside its guide: fill in, check, submit, and what came of it.

import { copyRow } from "../copy.js";
import { button, h, icon, logo } from "../dom.js";
import { explain } from "../errors.js";
import { fieldRow } from "../field.js";
import { buildForm, collect } from "../form.js";
import { foldedSteps, fullGuide, guidePane } from "../guide.js";
import { has, t } from "../i18n.js";
import { modeOf } from "../modes.js";
import { validate } from "../validate.js";
import { linkInWindow } from "../window.js";
import { bar, footer, heading, shortName, withApp } from "./frame.js";

/** Base fields whose titles are translated. */
const TITLED = [
  "apiKey",
  "username",
  "password",
  "client_id",
  "client_secret",
  "client_certificate",
  "client_private_key",
  "oauth_client_id_override",
  "oauth_client_secret_override",
  "token_id",
  "token_secret",
  "organization_id",
  "dev_key",
  "role_arn",
];

const titles = () =>
  Object.fromEntries(
    TITLED.filter((name) => has(`field.${name}`)).map((name) => [name, t(`field.${name}`)]),
  );

/** @returns `{node, wide}`; `onback` is absent where there is no list to go back to. */
export function formScreen(app, { integration, provider, guide, onback, onlinked }) {
  const key = integration.unique_key;
  const name = shortName(integration, provider);
  const again = Boolean(app.session.isReconnecting);
  const fields = buildForm(provider, {
    integration,
    defaults: app.session.integrations_config_defaults?.[key],
    titles: titles(),
  });
  const mode = modeOf(provider);
  const shown = mode ? fields.filter((field) => field.visible) : [];
  const docs = app.session.overrides?.[key]?.docs_connect || guide?.url || provider.docs_connect;
  const url = /^https?:\/\//.test(docs ?? "") ? docs : null;
  const help = (event) => app.beacon(event, key);

  const rows = new Map();
  const valueOf = (field) => rows.get(field.path)?.value ?? field.initial;
  const byName = (word) => {
    const field = fields.find((f) => f.name === word);
    return field && valueOf(field);
  };
  const pane = guide && shown.length > 0 ? guidePane(app, guide, url, byName, help) : null;
  const folds = [];
  let pressing = false;
  for (const field of shown) {
    const fold = guide && foldedSteps(guide, field.path, byName, help);
    if (fold) folds.push(fold);
    rows.set(
      field.path,
      fieldRow(field, {
        fold: fold?.node,
        quiet: () => pressing,
        onfocus: (path) => pane?.light(path),
        onchange: () => {
          app.shell.dirty = true;
          pane?.refresh();
          folds.forEach((each) => each.refresh());
        },
      }),
    );
  }

  const trouble = h("div", { class: "trouble" });
  const label = t(again ? "submit.reconnect" : "submit.link");
  const submit = button(label, { kind: "primary large wide", type: "submit", id: "connect-submit" });
  submit.addEventListener("pointerdown", () => {
    pressing = true;
    addEventListener("pointerup", () => setTimeout(() => (pressing = false)), { once: true });
  });
  const say = (text) => (submit.lastElementChild.textContent = text);

  const attempt = async () => {
    trouble.replaceChildren();
    const wrong = shown.filter((field) => !rows.get(field.path).check());
    if (wrong.length > 0) {
      app.shell.announce(t("error.check_text"));
      rows.get(wrong[0].path).focus();
      return;
    }
    const bad = fields.find((field) => field.preset && validate(field, field.initial));
    if (bad)
      return report({
        kind: "preset",
        title: "preset.title",
        text: "preset.text",
        values: { label: bad.label },
        fields: [],
      });
    if (app.config.preview) return;
    const values = collect(fields, valueOf);
    if (mode.window) return viaWindow(values);
    busy(true);
    app.beacon("click:connect", key);
    try {
      onlinked(await app.api.submit(mode.path, key, values.params, mode.body(values)));
    } catch (error) {
      busy(false);
      failed(error);
    }
  };

  /** The attempt that is under way in a window; a new one takes its place. */
  let waiting = null;
  const viaPage = async (values) => {
    busy(true);
    app.beacon("click:connect", key);
    const { goAway } = await import("../away.js");
    goAway(app.api, key, values, { root: app.config.root, search: location.search });
  };
  // Back from the provider by the browser's own button.
  addEventListener("pageshow", (event) => event.persisted && busy(false));

  const viaWindow = async (values) => {
    waiting?.cancel();
    if (app.config.redirect) return viaPage(values);
    let own;
    try {
      own = linkInWindow(app.api, key, values, {
        onclosed: () => {
          if (own !== waiting) return;
          busy(false);
          report({ kind: "busy", title: "popup.closed", text: "popup.closed_text", values: {}, fields: [] });
        },
      });
    } catch (error) {
      // A tab of its own needs no window.
      return app.config.link ? viaPage(values) : failed(error);
    }
    waiting = own;
    busy(true);
    app.beacon("click:connect", key);
    try {
      onlinked(await own.done);
    } catch (error) {
      if (own !== waiting || error.code === "cancelled") return;
      busy(false);
      failed(error);
    }
  };

  const busy = (on) => {
    form.toggleAttribute("data-busy", on);
    submit.setAttribute("aria-busy", String(on));
    for (const row of rows.values()) row.lock(on);
    const inWindow = mode?.window && !app.config.redirect;
    const doing = t(inWindow ? "popup.waiting" : "submit.checking", { provider: name });
    say(on ? doing : t("submit.retry"));
    if (on) app.shell.announce(doing);
  };

  const failed = (error) => {
    if (error.status === undefined) throw error;
    const outcome = explain(error, shown);
    for (const row of rows.values()) row.seal();
    const title = t(outcome.title, { ...outcome.values, provider: name });
    app.failed(error.code, error.message || title, key);
    if (outcome.kind === "expired") return app.expired();
    for (const { path, message } of outcome.fields) rows.get(path)?.fail(message);
    report(outcome);
    const first = outcome.fields.find(({ path }) => rows.has(path));
    if (first) rows.get(first.path).focus();
  };

  const report = (outcome) => {
    const values = { ...outcome.values, provider: name };
    const soft = outcome.kind === "unreachable" || outcome.kind === "offline" || outcome.kind === "busy";
    const notice = h(
      "div",
      { class: `notice ${soft ? "warn" : "bad"}`, role: "alert", tabindex: "-1" },
      icon(soft ? "warn" : "alert"),
      h(
        "div",
        {},
        h("strong", {}, t(outcome.title, values)),
        h("p", {}, t(outcome.text, values)),
        outcome.detail &&
          h(
            "p",
            { class: "answer muted" },
            `${t("refused.detail")}: `,
            h("q", { dir: "auto" }, outcome.detail),
          ),
      ),
    );
    trouble.replaceChildren(notice);
    notice.scrollIntoView?.({ block: "nearest" });
    notice.focus();
  };

  const form = h(
    "form",
    {
      class: "form",
      novalidate: true,
      onsubmit: (event) => {
        event.preventDefault();
        if (!form.hasAttribute("data-busy")) attempt();
      },
    },
    // A role has to name it before we can assume the role; a role linked again does already.
    integration.external_id &&
      !again &&
      copyRow({
        label: t("aws.external_id"),
        hint: t("aws.external_id_hint"),
        value: integration.external_id,
      }),
    ...[...rows.values()].map((row) => row.node),
    mode &&
      (mode.window || shown.length === 0) &&
      h("p", {}, t(mode.window ? (app.config.redirect ? "redirect.goes" : "popup.opens") : "auto.text", { provider: name })),
    trouble,
    mode && submit,
    mode &&
      !(mode.window && app.config.redirect) &&
      h(
        "p",
        { class: "next muted small" },
        icon("lock"),
        h(
          "span",
          {},
          t(
            mode.window ? "popup.waiting_text" : provider.auth_mode === "NONE" ? "submit.next_none" : "submit.next",
            { provider: name },
          ),
        ),
      ),
    url && h("p", { class: "narrow-only" }, fullGuide(url, help)),
  );

  const unsupported = h(
    "div",
    { class: "notice warn" },
    icon("warn"),
    h(
      "div",
      {},
      h("strong", {}, t("unsupported.title", { provider: name })),
      h("p", {}, t("unsupported.text")),
    ),
  );
  const node = h(
    "div",
    { class: pane ? "screen double" : "screen single" },
    h(
      "div",
      { class: "main" },
      bar(app, { onback }),
      h(
        "div",
        { class: "content" },
        h(
          "div",
          { class: "intro" },
          logo(integration.logo, name, "large"),
          heading(
            again ? t("title.reconnect", { provider: name }) : withApp(app, "title.link", { provider: name }),
          ),
          h(
            "p",
            { class: "muted lead" },
            again ? t("lead.reconnect") : withApp(app, "lead.link", { provider: name }),
          ),
        ),
        mode ? form : unsupported,
      ),
      footer(app),
    ),
    pane?.node,
  );
  return {
    node,
    wide: Boolean(pane),
    fail: failed,
    focus: shown.length > 0 && !app.config.preview ? "input, select, textarea" : undefined,
  };
}
