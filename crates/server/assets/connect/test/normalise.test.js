import assert from "node:assert/strict";
import { test } from "node:test";
import { normalise } from "../normalise.js";

const field = (more) => ({
  label: "L",
  group: "credentials",
  name: "apiKey",
  kind: "secret",
  secret: true,
  required: true,
  ...more,
});
const clean = (more, raw) => normalise(field(more), raw);
const text = { kind: "text", secret: false };

test("space around, invisible characters and broken lines go", () => {
  assert.equal(clean({}, "  k_1 \n"), "k_1");
  assert.equal(clean({}, "\u200Bk_\u00A01\uFEFF"), "k_ 1");
  assert.equal(clean({}, "abc\ndef"), "abcdef");
});

test("quotes and Bearer go from keys", () => {
  for (const raw of [
    '"k_1"',
    "'k_1'",
    "“k_1”",
    "Bearer k_1",
    "bearer  k_1",
    "Authorization: Bearer k_1",
    '"Bearer k_1"',
    'Bearer "k_1"',
  ]) {
    assert.equal(clean({}, raw), "k_1", raw);
  }
});

test("nothing goes that the field's own rule accepts", () => {
  assert.equal(clean({ pattern: "^Bearer " }, "Bearer k_1"), "Bearer k_1");
  assert.equal(clean({ pattern: "^'" }, "'k_1'"), "'k_1'");
});

test("a password without a rule keeps its quotes", () => {
  assert.equal(clean({ name: "password" }, '"secret"'), '"secret"');
  assert.equal(clean({ name: "password", pattern: "^[a-z]+$" }, '"secret"'), "secret");
});

test("the name is cut out of a pasted address", () => {
  const subdomain = { ...text, prefix: "https://", suffix: ".zendesk.com", pattern: "^[a-z0-9_-]+$" };
  for (const raw of [
    "acme",
    "https://acme.zendesk.com",
    "https://acme.zendesk.com/agent/x?y#z",
    "acme.zendesk.com",
    "http://acme.zendesk.com",
    '"https://acme.zendesk.com/"',
    "https://acme.Zendesk.com",
  ]) {
    assert.equal(clean(subdomain, raw), "acme", raw);
  }
});

test("host names lose scheme, port and path", () => {
  const host = { ...text, format: "hostname", prefix: "https://" };
  assert.equal(clean(host, "https://acme.metabaseapp.com/admin"), "acme.metabaseapp.com");
  assert.equal(clean(host, "acme.metabaseapp.com:443"), "acme.metabaseapp.com");
});

test("a path that belongs to the value stays", () => {
  assert.equal(clean({ ...text, prefix: "https://" }, "https://acme.example/api/"), "acme.example/api");
});

test("a whole address stays whole where one is asked for", () => {
  assert.equal(clean({ ...text, format: "uri" }, " https://acme.example/x "), "https://acme.example/x");
});

test("keys of several lines keep their lines", () => {
  const pem = "-----BEGIN PRIVATE KEY-----\nabc\ndef\n-----END PRIVATE KEY-----";
  assert.equal(clean({ kind: "long" }, `\r\n${pem.replaceAll("\n", "\r\n")}\r\n`), pem);
  assert.equal(clean({ kind: "long" }, JSON.stringify(pem)), pem);
});

test("choices are left alone and nothing stays nothing", () => {
  assert.equal(clean({ options: ["'a'"] }, "'a'"), "'a'");
  assert.equal(clean({}, "   "), "");
});

test("a key in PEM form takes the line ends that the field's rule wants", () => {
  const pem = (pattern, raw) => clean({ kind: "long", name: "privateKey", pattern }, raw);
  const body = String.raw`-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----`;
  const lines = body.replaceAll("\\n", "\n");
  assert.equal(pem(undefined, `"${body}\\n"`), lines);
  assert.equal(pem("^-----BEGIN PRIVATE KEY-----\\s*([A-Za-z0-9+/=\\s]+)\\s*-----END PRIVATE KEY-----$", body), lines);
  const escaped = "^-----BEGIN PRIVATE KEY-----\\\\n([A-Za-z0-9+/=\\\\n]+)\\\\n-----END PRIVATE KEY-----\\\\n?$";
  assert.equal(pem(escaped, body), `${body}\\n`);
  assert.equal(pem(escaped, lines), `${body}\\n`);
});
