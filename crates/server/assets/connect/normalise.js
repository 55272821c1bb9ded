// What people paste, turned into what the provider expects. Pure.
// Nothing is cut that the field's own rule accepts as it stands.

import { matches, validate } from "./validate.js";

const QUOTES = { '"': '"', "'": "'", "`": "`", "“": "”", "‘": "’", "«": "»", "„": "“" };

/** Cleans `raw` for `field`; returns a string, possibly empty. */
export function normalise(field, raw) {
  let value = raw
    .replace(/[\u200B-\u200D\u2060\uFEFF]/g, "")
    .replace(/\u00A0/g, " ")
    .replace(/\r\n?/g, "\n")
    .trim();
  if (value === "" || field.options) return value;
  if (value.includes("-----BEGIN")) return pem(field, value);
  if (field.kind === "long") return value;
  value = value.replace(/\s*\n\s*/g, "");
  if (field.prefix || field.suffix || field.format === "hostname") return address(field, value);
  if (field.secret) return secret(field, value);
  return unquoted(value) ?? value;
}

/**
 * Keys copied out of JSON carry `\n` as two characters: they become line ends, unless the field's
 * rule wants them as they stand there.
 */
function pem(field, value) {
  const bare = unquoted(value) ?? value;
  const lines = bare
    .replace(/\\r?\\n|\\n/g, "\n")
    .replace(/\n{2,}/g, "\n")
    .trim();
  const escaped = lines.replaceAll("\n", "\\n");
  const spellings = [lines, bare, escaped, `${escaped}\\n`, `${lines}\n`];
  return spellings.find((text) => matches(field.pattern, text)) ?? lines;
}

function unquoted(value) {
  const close = QUOTES[value[0]];
  return close && value.length > 2 && value.endsWith(close) ? value.slice(1, -1).trim() : null;
}

function secret(field, value) {
  let out = value;
  // A password chosen by a person may hold anything; only a rule can tell that it is wrapped.
  const certain = field.name !== "password" || Boolean(field.pattern);
  const fits = (candidate) => field.pattern && validate(field, candidate) === null;
  if (!certain || fits(out)) return out;
  out = out.replace(/^authorization\s*:\s*/i, "");
  out = unquoted(out) ?? out;
  out = out.replace(/^bearer\s+/i, "");
  out = unquoted(out) ?? out;
  return out === "" ? value : out;
}

/** `https://acme.zendesk.com/agent` becomes `acme` where `.zendesk.com` stands beside the field. */
function address(field, value) {
  let out = unquoted(value) ?? value;
  const { prefix = "", suffix = "" } = field;
  const lower = (text) => text.toLowerCase();
  if (prefix && lower(out).startsWith(lower(prefix))) out = out.slice(prefix.length);
  else if (
    /^[a-z][a-z0-9+.-]*:\/\//i.test(out) &&
    (/:\/\//.test(prefix) || suffix || field.format === "hostname")
  ) {
    out = out.replace(/^[a-z][a-z0-9+.-]*:\/\//i, "");
  }
  if (suffix) {
    const at = lower(out).indexOf(lower(suffix));
    if (at > 0) out = out.slice(0, at);
  }
  const bare = out.replace(/[/?#].*$/, "").replace(/:\d+$/, "");
  if (bare === "") return out;
  if (suffix.startsWith(".") || field.format === "hostname") return bare;
  const trimmed = out.replace(/\/+$/, "");
  if (validate(field, trimmed) === null) return trimmed;
  return validate(field, bare) === null ? bare : trimmed;
}
