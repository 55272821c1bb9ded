import assert from "node:assert/strict";
import { test } from "node:test";
import { distance, entryOf, search } from "../search.js";

const ENTRIES = [
  { display_name: "GitHub (PAT)", provider: "github-pat", unique_key: "gh", categories: ["dev-tools"] },
  { display_name: "Greenhouse", provider: "greenhouse-basic", unique_key: "hiring", categories: ["ats"] },
  { display_name: "Zendesk", provider: "zendesk-api-key", unique_key: "desk", alias: "zendesk-base" },
  { display_name: "Côté Café", provider: "cote", unique_key: "cote" },
].map(entryOf);
const found = (query) => search(ENTRIES, query).flatMap((fits, at) => (fits ? [at] : []));

test("accounts are found by name, id, key, category and alias", () => {
  assert.deepEqual(found("hub"), [0]);
  assert.deepEqual(found("pat"), [0]);
  assert.deepEqual(found("hiring"), [1]);
  assert.deepEqual(found("tools"), [0]);
  assert.deepEqual(found("base"), [2]);
  assert.deepEqual(found("cafe COTE"), [3]);
  assert.deepEqual(found(""), [0, 1, 2, 3]);
});

test("every word counts", () => {
  assert.deepEqual(found("git pat"), [0]);
  assert.deepEqual(found("git hiring"), []);
});

test("a slip of the finger is forgiven, two in long words, also while typing", () => {
  assert.deepEqual(found("gihtub"), [0]);
  assert.deepEqual(found("zendsk"), [2]);
  assert.deepEqual(found("zendx"), [2]);
  assert.deepEqual(found("grenhuose"), [1]);
  assert.deepEqual(found("xqzw"), []);
  assert.deepEqual(found("gxb"), []);
});

test("words that fit as they stand keep the near ones out", () => {
  assert.deepEqual(search([entryOf({ display_name: "Mart" }), entryOf({ display_name: "Mars" })], "mars"), [false, true]);
});

test("swapped letters are one slip", () => {
  assert.equal(distance("ab", "ba"), 1);
  assert.equal(distance("", "abc"), 3);
  assert.equal(distance("kitten", "sitting"), 3);
});
