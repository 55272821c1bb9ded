import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../", import.meta.url);
const read = (path) => readFileSync(new URL(path, root), "utf8");
const catalogue = (file) => JSON.parse(read(`../i18n/${file}`));
const files = readdirSync(new URL("../i18n/", root));
const english = catalogue("en.json");

test("ten languages have every text, with the same parts to fill in", () => {
  assert.ok(files.length >= 10);
  const parts = (text) => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const file of files) {
    const texts = catalogue(file);
    assert.deepEqual(Object.keys(texts).sort(), Object.keys(english).sort(), file);
    for (const key of Object.keys(english))
      assert.deepEqual(parts(texts[key]), parts(english[key]), `${file}: ${key}`);
  }
});

test("every text is used, and every text that is used exists", () => {
  const scripts = ["./", "./screens/"].flatMap((folder) =>
    readdirSync(new URL(folder, root))
      .filter((name) => name.endsWith(".js"))
      .map((name) => read(folder + name)),
  );
  const pages = ["connect_ui/page.html", "popup/result.html"].map((page) => read(`../../templates/${page}`));
  const sources = [...scripts, ...pages].join("\n");
  const groups = [...new Set(Object.keys(english).map((key) => key.split(".")[0]))].join("|");
  const named = new RegExp(`"((?:${groups})\\.\\w+)"`, "g");
  const used = new Set([...sources.matchAll(named)].map((match) => match[1]));
  for (const key of used) assert.ok(key in english || `${key}_app` in english, `missing: ${key}`);
  /** Keys that are put together while the page runs. */
  const built = /^(error\.(hostname|uuid|uri|email)|(expired|direct|broken)\.(title|text))$/;
  /** Titles of base fields, listed by name where they are asked for. */
  const isTitle = (key) => key.startsWith("field.") && sources.includes(`  "${key.slice(6)}",\n`);
  for (const key of Object.keys(english)) {
    assert.ok(used.has(key) || used.has(key.replace(/_app$/, "")) || built.test(key) || isTitle(key), `unused: ${key}`);
  }
});
