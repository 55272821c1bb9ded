// Writes catalog/<id>/logo.svg for the brands that the npm package `simple-icons` (CC0-1.0) has an icon of.
//
//   npm install --no-save --prefix "$(mktemp -d)" simple-icons@16
//   node scripts/catalog-logos.mjs <that folder>/node_modules/simple-icons
//
// A brand is taken only where its name is exactly the provider's, without the words in brackets; where the package
// names another licence than CC0-1.0 for an icon, the provider keeps its monogram.

import { readFileSync, readdirSync, rmSync, writeFileSync, existsSync } from "node:fs";
import { join } from "node:path";

const source = process.argv[2];
if (!source) {
  console.error("usage: node scripts/catalog-logos.mjs <folder of the package simple-icons>");
  process.exit(2);
}
const catalog = join(import.meta.dirname, "..", "catalog");

// Names that are words or other companies' too: an equal name proves nothing.
const OTHERS = new Set(["basin", "box", "clay", "front", "gem", "granola", "grain", "loops", "luma", "omni", "outreach", "plain", "ramp", "redo", "roam", "roller", "tempo", "valley", "wave", "zero", "torii", "hex", "hail", "ergo", "relay", "float", "close", "copper", "drift", "lattice", "slab", "merge", "attention", "attio", "fathom", "orbit", "aspire", "firefish", "terraform"]);

// Words at the end of a name that tell a way in, not a product.
const WAYS = / (?:api|oauth|scim|mcp|v\d+)$/i;

const plain = (name) => name.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").replaceAll("+", "plus").replaceAll("&", "and").replace(/[^a-z0-9]/g, "");

const icons = new Map();
for (const icon of JSON.parse(readFileSync(join(source, "data", "simple-icons.json"), "utf8"))) {
  if (icon.license && icon.license.type !== "CC0-1.0") continue;
  const slug = icon.slug;
  for (const name of [icon.title, ...(icon.aliases?.aka ?? [])]) if (!icons.has(plain(name))) icons.set(plain(name), { ...icon, slug });
}

// Relative luminance (WCAG 2.2) of a colour of six hexadecimal digits.
const luminance = (hex) => {
  const [r, g, b] = [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

const escape = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

let written = 0;
let bytes = 0;
for (const id of readdirSync(catalog).sort()) {
  const definition = join(catalog, id, "provider.yaml");
  if (!existsSync(definition)) continue;
  const target = join(catalog, id, "logo.svg");
  if (existsSync(target)) rmSync(target);
  const shown = /^display_name: (.*)$/m.exec(readFileSync(definition, "utf8"))[1].replace(/^"(.*)"$/, "$1").replace(/^'(.*)'$/, "$1");
  let name = shown.replace(/\s*\([^)]*\)/g, "").trim();
  if (WAYS.test(name)) name = name.replace(WAYS, "");
  const icon = icons.get(plain(name));
  if (!icon || OTHERS.has(plain(name))) continue;
  const path = / d="([^"]+)"/.exec(readFileSync(join(source, "icons", `${icon.slug}.svg`), "utf8"))[1];
  // A light brand colour stands on a dark tile.
  const tile = luminance(icon.hex) > 0.6 ? "#16191c" : "#fff";
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64" role="img">` +
    `<title>${escape(icon.title)}</title>` +
    `<rect x=".5" y=".5" width="63" height="63" rx="13.5" fill="${tile}" stroke="#000" stroke-opacity=".12"/>` +
    `<path transform="translate(14 14) scale(1.5)" fill="#${icon.hex}" d="${path}"/></svg>\n`;
  writeFileSync(target, svg);
  written += 1;
  bytes += svg.length;
}
console.log(`${written} logos, ${bytes} bytes`);
