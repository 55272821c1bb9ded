// The list of integrations, with a search as soon as it is longer than a glance.

import { button, h, icon, logo, uid } from "../dom.js";
import { t } from "../i18n.js";
import { entryOf, search } from "../search.js";
import { heading, single, withApp } from "./frame.js";

/** Up to this many entries are seen at once and need no search. */
const GLANCE = 2;

export function listScreen(app, integrations, onpick) {
  if (integrations.length === 0) {
    return single(
      app,
      {},
      h(
        "div",
        { class: "empty message" },
        icon("grid"),
        heading(t("list.empty")),
        h("p", {}, t("list.empty_text")),
        app.config.framed &&
          button(t("common.close"), { kind: "large", onclick: () => app.shell.close("button") }),
      ),
    );
  }
  const tiles = integrations.map((integration) => tile(integration, onpick));
  const list = h("ul", { class: "picks" }, ...tiles.map(({ item }) => item));
  const nothing = h("div", { class: "empty", hidden: true });
  const field = integrations.length > GLANCE ? searchField(app, tiles, list, nothing) : null;
  return single(
    app,
    {},
    h(
      "div",
      { class: "intro" },
      heading(withApp(app, "list.title")),
      h("p", { class: "muted lead" }, t("list.lead")),
    ),
    field,
    list,
    nothing,
  );
}

function tile(integration, onpick) {
  const name = integration.display_name || integration.provider;
  const control = h(
    "button",
    {
      type: "button",
      class: "tile",
      "data-key": integration.unique_key,
      onclick: async () => {
        control.setAttribute("aria-busy", "true");
        await onpick(integration);
        control.removeAttribute("aria-busy");
      },
    },
    logo(integration.logo, name),
    h("div", {}, h("strong", {}, name)),
    icon("right", "flip"),
  );
  return { item: h("li", {}, control), entry: entryOf(integration) };
}

function searchField(app, tiles, list, nothing) {
  const id = uid("search");
  const filter = () => {
    const query = input.value.trim();
    const entries = tiles.map(({ entry }) => entry);
    const fits = search(entries, query);
    for (const [at, { item }] of tiles.entries()) item.hidden = !fits[at];
    const count = fits.filter(Boolean).length;
    list.hidden = count === 0;
    nothing.hidden = count > 0;
    if (count === 0) {
      nothing.replaceChildren(
        icon("search"),
        h("strong", {}, t("list.nothing", { query })),
        button(t("list.clear"), {
          onclick: () => {
            input.value = "";
            filter();
            input.focus();
          },
        }),
      );
    }
    app.shell.announce(count === 0 ? t("list.nothing", { query }) : t("list.found", { count }));
  };
  const input = h("input", {
    id,
    type: "search",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: t("list.search"),
    oninput: filter,
  });
  return h(
    "div",
    { class: "search" },
    h("label", { class: "visually-hidden", for: id }, t("list.search")),
    h("div", { class: "field" }, icon("search"), input),
  );
}
