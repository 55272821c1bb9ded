import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { MAX_FILE_BYTES, textOf } from "../file.js";

const bytes = (text) => new TextEncoder().encode(text);
const PEM = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n";

test("a key's file is its text", () => {
  assert.deepEqual(textOf(bytes(PEM)), { text: PEM });
});

test("the key of a service account is taken out of its JSON, a JWK stays whole", () => {
  assert.deepEqual(textOf(bytes(JSON.stringify({ client_email: "a@b.test", private_key: PEM }))), { text: PEM });
  const jwk = JSON.stringify({ kty: "RSA", kid: "1", d: "x" });
  assert.deepEqual(textOf(bytes(jwk)), { text: jwk });
});

test("what is no text or no key is refused with a sentence", () => {
  const texts = JSON.parse(readFileSync(new URL("../../i18n/en.json", import.meta.url)));
  for (const content of [new Uint8Array([0x30, 0x82, 0xff, 0xfe]), bytes("a\0b"), bytes(" \n")]) {
    assert.deepEqual(textOf(content), { error: "error.file_text" });
  }
  assert.deepEqual(textOf(new Uint8Array(MAX_FILE_BYTES + 1)), { error: "error.file_large" });
  assert.ok(texts["error.file_text"] && texts["error.file_large"]);
});
