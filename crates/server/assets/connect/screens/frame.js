// What screens have in common: the bar on top, the line below, the heading.

import { h, icon, iconButton, logo } from "../dom.js";
import { t } from "../i18n.js";

/** Bar: back, who asks, close. */
export function bar(app, { onback } = {}) {
  const { appName, logo: picture } = app.settings;
  const brand =
    appName || picture
      ? h(
          "div",
          { class: "brand" },
          logo(picture, appName),
          appName && h("span", { class: "truncate" }, appName),
        )
      : null;
  const closes = app.config.framed;
  if (!brand && !onback && !closes) return null;
  return h(
    "div",
    { class: "bar" },
    onback &&
      h(
        "button",
        {
          type: "button",
          class: "button plain icon-only",
          "aria-label": t("common.back"),
          title: t("common.back"),
          onclick: onback,
        },
        icon("left", "flip"),
      ),
    brand,
    closes &&
      iconButton("cross", t("common.close"), () => app.shell.close("button"), {
        class: "button plain icon-only close",
      }),
  );
}

/** The line that names us, unless the product turned it off. */
export function footer(app) {
  if (app.settings.showWatermark === false) return null;
  return h("div", { class: "by faint small" }, icon("mark"), t("footer.by"));
}

export const heading = (text) => h("h1", { id: "connect-ui-title" }, text);

/** The name in sentences: "Zendesk (API Token)" is a Zendesk account. */
export const shortName = (integration, provider) =>
  (integration.display_name || provider.display_name || integration.provider).replace(/\s*\([^()]*\)$/, "");

/** A text of the catalogue in its variant for products with a name. */
export function withApp(app, key, values = {}) {
  const name = app.settings.appName;
  return name ? t(`${key}_app`, { ...values, app: name }) : t(key, values);
}

/** A screen of one column: bar, content, footer. */
export const single = (app, options, ...content) =>
  h(
    "div",
    { class: "screen single" },
    bar(app, options),
    h("div", { class: "content" }, ...content),
    footer(app),
  );
