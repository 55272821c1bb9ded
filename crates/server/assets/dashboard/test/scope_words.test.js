import assert from "node:assert/strict";
import { test } from "node:test";
import { matching, split } from "../scope_words.js";

test("a pasted list is taken apart, whatever separates it", () => {
  assert.deepEqual(split(" read,write\nread\tadmin:org ,"), ["read", "write", "admin:org"]);
  assert.deepEqual(split(" , "), []);
});

test("known scopes are found by any of their words, the chosen ones left out", () => {
  const known = ["crm.contacts.read", "crm.contacts.write", "read:crm", "files"];
  assert.deepEqual(matching(known, [], "read", 9), ["read:crm", "crm.contacts.read"]);
  assert.deepEqual(matching(known, ["read:crm"], "crm read", 9), ["crm.contacts.read"]);
  assert.deepEqual(matching(known, [], "", 2), ["crm.contacts.read", "crm.contacts.write"]);
});
