import assert from "node:assert/strict";
import { test } from "node:test";
import { matches, validate, validateAll } from "../validate.js";

const field = (more) => ({
  label: "L",
  group: "connection_config",
  name: "x",
  required: true,
  visible: true,
  ...more,
});
const key = (more, value) => validate(field(more), value)?.key ?? null;

test("a required field must hold something, an optional one need not", () => {
  assert.equal(key({}, ""), "error.required");
  assert.equal(key({ required: false }, ""), null);
});

test("patterns find a substring unless they are anchored", () => {
  assert.equal(key({ pattern: "b" }, "abc"), null);
  assert.equal(key({ pattern: "^b$" }, "abc"), "error.pattern");
  assert.equal(key({ pattern: "^b$", example: "b" }, "abc"), "error.pattern_example");
});

test("patterns of the catalogue that newer syntax refuses still work", () => {
  assert.equal(matches("^ord_[A-Za-z0-9-_]+$", "ord_a-b"), true);
  assert.equal(matches("^(?!x)y", "y"), true);
  assert.equal(matches("(", "anything"), true);
});

test("formats", () => {
  for (const [format, good, bad] of [
    ["hostname", "a-b.example.com", "https://a.example"],
    ["uuid", "0f0e0d0c-0b0a-4908-8706-050403020100", "0f0e0d0c"],
    ["uri", "https://example.com/x", "example.com"],
    ["email", "ana@example.com", "ana@"],
  ]) {
    assert.equal(key({ format }, good), null, format);
    assert.equal(key({ format }, bad), `error.${format}`, format);
  }
});

test("a choice must be one of its values", () => {
  assert.equal(key({ options: ["us", "eu"] }, "eu"), null);
  assert.equal(key({ options: ["us", "eu"] }, "cn"), "error.choice");
});

test("a key longer than the server reads is refused before it is sent", () => {
  const long = { group: "credentials", name: "apiKey" };
  assert.equal(key(long, "k".repeat(1024)), null);
  assert.equal(key(long, "k".repeat(1025)), "error.long");
});

test("preset values are judged, hidden ones are not", () => {
  const fields = [
    field({ visible: false, initial: "A B", pattern: "^[a-z]+$" }),
    field({ hidden: true, visible: false, initial: "A B", pattern: "^[a-z]+$" }),
  ];
  assert.deepEqual(
    validateAll(fields, () => "").map((row) => row.field),
    [fields[0]],
  );
});
