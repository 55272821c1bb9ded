// The account is linked: say so, say what it means, offer the way on.

import { button, h, icon, logo } from "../dom.js";
import { t } from "../i18n.js";
import { heading, shortName, single, withApp } from "./frame.js";

export function successScreen(app, { integration, provider, result, onanother }) {
  const name = shortName(integration, provider);
  const { returnUrl, appName } = app.settings;
  const back = app.config.link && /^https?:\/\//.test(returnUrl ?? "") ? new URL(returnUrl) : null;
  for (const [name, value] of Object.entries(result)) back?.searchParams.append(name, value);
  return single(
    app,
    {},
    h(
      "div",
      { class: "done" },
      h(
        "div",
        { class: "joined" },
        logo(integration.logo, name, "large"),
        h("span", { class: "tick" }, icon("check")),
      ),
      heading(
        t(app.session.isReconnecting ? "success.title_reconnect" : "success.title", { provider: name }),
      ),
      h("p", { class: "muted" }, withApp(app, "success.text", { provider: name })),
      provider.auth_mode !== "NONE" &&
        h("p", { class: "muted small" }, t("success.revoke", { provider: name })),
      h(
        "div",
        { class: "stack wide" },
        app.config.framed &&
          button(t("success.finish"), { kind: "primary large wide", onclick: () => app.finish() }),
        back &&
          h(
            "a",
            { class: "button primary large wide", href: back.href },
            t("success.return", { app: appName || back.host }),
          ),
        onanother && button(t("success.another"), { kind: "large wide", onclick: onanother }),
        app.config.link && !back && h("p", { class: "muted" }, t("success.tab")),
      ),
    ),
  );
}
