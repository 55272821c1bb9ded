// Which step of a guide belongs to which field. Pure.

/**
 * Steps that lead to a field: the one that gives it, and the ones before it that give nothing
 * but prepare it.
 */
export function stepsFor(guide, path) {
  const steps = guide?.steps ?? [];
  const at = steps.findIndex((step) => step.fields.includes(path));
  if (at < 0) return [];
  let from = at;
  while (from > 0 && steps[from - 1].fields.length === 0) from--;
  return steps.slice(from, at + 1);
}

/** Ids of the steps that light up while `path` has the focus. */
export function litSteps(guide, path) {
  return new Set(stepsFor(guide, path).map((step) => step.id));
}

/**
 * `https://{subdomain}.example.com/admin` with what the person has typed, or null while a part
 * of it is not known, and for anything that is no web address.
 */
export function fillLink(link, valueOf) {
  if (!link) return null;
  let missing = false;
  const url = link.replace(/\{([\w-]+)\}/g, (_, name) => {
    const value = valueOf(name);
    if (!value || !/^[a-zA-Z0-9.-]+$/.test(value)) missing = true;
    return value ?? "";
  });
  return missing || !/^https?:\/\//.test(url) || !URL.canParse(url) ? null : url;
}

/** `Press **Save**.` as `[{text}, {text, mark: "strong"}, …]`; backquotes are code. */
export function inline(text) {
  const out = [];
  for (const part of text.split(/(\*\*[^*]+\*\*|`[^`]+`)/)) {
    if (part === "") continue;
    if (part.startsWith("**") && part.endsWith("**") && part.length > 4)
      out.push({ text: part.slice(2, -2), mark: "strong" });
    else if (part.startsWith("`") && part.endsWith("`") && part.length > 2)
      out.push({ text: part.slice(1, -1), mark: "code" });
    else out.push({ text: part });
  }
  return out;
}
