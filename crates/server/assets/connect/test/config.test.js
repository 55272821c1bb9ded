import assert from "node:assert/strict";
import { test } from "node:test";
import { apiBase, isToken } from "../config.js";

const own = "https://link.acme.test";

test("an API address of the query is believed only if it is ours", () => {
  assert.equal(apiBase(null, own), own);
  assert.equal(apiBase("https://link.acme.test/", own), own);
  for (const evil of [
    "https://evil.test",
    "https://link.acme.test.evil.test",
    "https://link.acme.test@evil.test",
    "//evil.test",
    "javascript:alert(1)",
    "http://link.acme.test",
  ]) {
    assert.equal(apiBase(evil, own), own, evil);
  }
  assert.equal(apiBase("https://api.acme.test/", own, ["https://api.acme.test"]), "https://api.acme.test");
});

test("tokens are known by their form", () => {
  assert.ok(isToken(`nango_connect_session_${"0f".repeat(32)}`));
  for (const other of [null, 7, "", "nango_connect_session_0f", `nango_connect_session_${"0G".repeat(32)}`]) {
    assert.ok(!isToken(other));
  }
});
