// Screens that only say something: session over, page opened without a link, server away.

import { button, h, icon } from "../dom.js";
import { t } from "../i18n.js";
import { heading, single } from "./frame.js";

const ICONS = { expired: "clock", direct: "link", broken: "alert" };

/** `what` is "expired", "direct" or "broken"; `onretry` adds the button. */
export function messageScreen(app, what, { onretry } = {}) {
  const text = what === "expired" && app.config.link ? "expired.text_link" : `${what}.text`;
  const action = onretry
    ? button(t("submit.retry"), { kind: "primary large", onclick: onretry })
    : app.config.framed &&
      button(t("common.close"), { kind: "large", onclick: () => app.shell.close("button") });
  return single(
    app,
    {},
    h(
      "div",
      { class: "empty message" },
      icon(ICONS[what]),
      heading(t(`${what}.title`)),
      h("p", {}, t(text)),
      action,
    ),
  );
}
