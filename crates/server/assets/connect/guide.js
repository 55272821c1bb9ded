// A guide beside the form, and the same steps folded under each field on narrow screens.

import { h, icon, rich } from "./dom.js";
import { t } from "./i18n.js";
import { fillLink, inline, litSteps, stepsFor } from "./steps.js";

/** Guides are written in English, whatever the language of the page. */
const WRITTEN = { lang: "en", dir: "ltr" };

/** The pane: `{node, light(path), refresh()}`. `onopen(kind)` reports which help was used. */
export function guidePane(app, guide, url, valueOf, onopen) {
  const links = [];
  const items = guide.steps.map((step, index) =>
    h("li", { class: "step", "data-step": step.id }, stepBody("h3", step, index + 1, valueOf, links, onopen)),
  );
  const node = h(
    "aside",
    { class: "guide", "aria-labelledby": "guide-title" },
    h("h2", { id: "guide-title" }, t("guide.title")),
    guide.prerequisites.length > 0 &&
      h(
        "div",
        { class: "needs" },
        h("h3", {}, t("guide.needs")),
        h("ul", WRITTEN, ...guide.prerequisites.map((text) => h("li", {}, ...rich(inline(text))))),
      ),
    h("ol", { class: "steps", ...WRITTEN }, ...items),
    guide.notes.length > 0 &&
      h(
        "div",
        { class: "needs" },
        h("h3", {}, t("guide.notes")),
        h("ul", WRITTEN, ...guide.notes.map((text) => h("li", {}, ...rich(inline(text))))),
      ),
    url && fullGuide(url, onopen),
  );
  const light = (path) => {
    const lit = path ? litSteps(guide, path) : new Set();
    node.toggleAttribute("data-lit", lit.size > 0);
    for (const item of items) item.toggleAttribute("data-lit", lit.has(item.dataset.step));
    const first = items.find((item) => item.hasAttribute("data-lit"));
    if (first && node.scrollHeight > node.clientHeight)
      node.scrollTo({ top: first.offsetTop - node.offsetTop - 24, behavior: "smooth" });
  };
  return { node, light, refresh: () => links.forEach((link) => link()) };
}

/** The steps of one field, folded. Null where the guide has none. */
export function foldedSteps(guide, path, valueOf, onopen) {
  const steps = stepsFor(guide, path);
  if (steps.length === 0) return null;
  const links = [];
  const node = h(
    "details",
    { class: "where" },
    h("summary", { onclick: () => onopen("click:doc_section") }, icon("info"), t("field.where")),
    h(
      "ol",
      { class: "steps", ...WRITTEN },
      ...steps.map((step) =>
        h(
          "li",
          { class: "step" },
          stepBody("h2", step, guide.steps.indexOf(step) + 1, valueOf, links, onopen),
        ),
      ),
    ),
  );
  return { node, refresh: () => links.forEach((link) => link()) };
}

export const fullGuide = (url, onopen) =>
  h(
    "a",
    { class: "full", href: url, target: "_blank", rel: "noopener", onclick: () => onopen("click:doc") },
    t("guide.full"),
    icon("out", "flip"),
  );

function stepBody(heading, step, number, valueOf, links, onopen) {
  return [
    h("span", { class: "disc", "aria-hidden": "true" }, String(number)),
    h(
      "div",
      {},
      h(heading, { class: "step-title" }, step.title),
      step.link && openLink(step.link, valueOf, links, onopen),
      h("ol", { class: "actions" }, ...step.actions.map((text) => h("li", {}, ...rich(inline(text))))),
      ...step.warnings.map((text) =>
        h("p", { class: "caution" }, icon("warn"), h("span", {}, ...rich(inline(text)))),
      ),
    ),
  ];
}

/** Appears once all parts of the address are known. */
function openLink(link, valueOf, links, onopen) {
  const anchor = h("a", {
    class: "button small",
    target: "_blank",
    rel: "noopener noreferrer",
    onclick: () => onopen("click:doc_section"),
  });
  const refresh = () => {
    const url = fillLink(link, valueOf);
    anchor.hidden = !url;
    if (!url) return;
    anchor.href = url;
    anchor.replaceChildren(
      h("span", { lang: document.documentElement.lang }, t("guide.open", { host: new URL(url).host })),
      icon("out", "flip"),
    );
  };
  links.push(refresh);
  refresh();
  return anchor;
}
