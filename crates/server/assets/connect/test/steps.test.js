import assert from "node:assert/strict";
import { test } from "node:test";
import { fillLink, inline, litSteps, stepsFor } from "../steps.js";

const guide = {
  steps: [
    { id: "find", fields: ["connection_config.subdomain"] },
    { id: "enable", fields: [] },
    { id: "create", fields: ["credentials.username", "credentials.password"] },
    { id: "enter-the-values", fields: [] },
  ],
};

test("a field lights its step and those that prepare it", () => {
  assert.deepEqual([...litSteps(guide, "credentials.password")], ["enable", "create"]);
  assert.deepEqual([...litSteps(guide, "connection_config.subdomain")], ["find"]);
  assert.deepEqual(stepsFor(guide, "credentials.other"), []);
  assert.deepEqual(stepsFor(null, "credentials.other"), []);
});

test("links wait for what the person types", () => {
  const known = { subdomain: "acme" };
  const link = (url) => fillLink(url, (name) => known[name]);
  assert.equal(link("https://{subdomain}.example.com/a"), "https://acme.example.com/a");
  assert.equal(link("https://{workspace}.example.com/a"), null);
  assert.equal(link("https://coda.io/"), "https://coda.io/");
});

test("what is typed cannot change where a link goes", () => {
  for (const evil of ["evil.example/", "a@evil", "x?y", "a b", "javascript:alert(1)//"]) {
    assert.equal(
      fillLink("https://{subdomain}.example.com/", () => evil),
      null,
      evil,
    );
  }
  assert.equal(
    fillLink("javascript:alert(1)", () => ""),
    null,
  );
});

test("bold and code, and nothing else", () => {
  assert.deepEqual(inline("Press **Save** at `x`."), [
    { text: "Press " },
    { text: "Save", mark: "strong" },
    { text: " at " },
    { text: "x", mark: "code" },
    { text: "." },
  ]);
  assert.deepEqual(inline("a * b ** c `"), [{ text: "a * b ** c `" }]);
  assert.deepEqual(inline("<b>"), [{ text: "<b>" }]);
});
