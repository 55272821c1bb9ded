import assert from "node:assert/strict";
import { test } from "node:test";
import { buildForm, collect } from "../form.js";

const paths = (fields) => fields.map((field) => field.path);
const schema = (more = {}) => ({ type: "string", title: "T", ...more });

test("a key form needs no definition of its field", () => {
  const [field] = buildForm({ auth_mode: "API_KEY" }, { titles: { apiKey: "API-Schlüssel" } });
  assert.deepEqual(
    [field.path, field.label, field.kind, field.required],
    ["credentials.apiKey", "API-Schlüssel", "secret", true],
  );
});

test("ordered configuration comes before credentials, the rest after", () => {
  const fields = buildForm({
    auth_mode: "BASIC",
    credentials: { password: schema(), extra: schema() },
    connection_config: { b: schema({ order: 2 }), a: schema({ order: 1 }), late: schema() },
    assertion_option: { option: schema({ automated: true }) },
  });
  assert.deepEqual(paths(fields), [
    "connection_config.a",
    "connection_config.b",
    "credentials.username",
    "credentials.password",
    "credentials.extra",
    "connection_config.late",
    "assertion_option.option",
  ]);
});

test("what the server fills is not asked", () => {
  const provider = {
    auth_mode: "TWO_STEP",
    credentials: { a: schema({ automated: true }), b: schema() },
    integration_config: { c: schema({ optional: true }), d: schema() },
    connection_config: { e: schema({ automated: true }) },
  };
  const fields = buildForm(provider, { integration: { preconfigured_credentials: ["d"] } });
  assert.deepEqual(paths(fields), ["credentials.b", "credentials.c"]);
  assert.equal(fields[1].required, true);
});

test("a value of the session hides its field and is sent", () => {
  const provider = { auth_mode: "API_KEY", connection_config: { subdomain: schema({ order: 1 }) } };
  const fields = buildForm(provider, { defaults: { connection_config: { subdomain: "acme" } } });
  assert.equal(fields[0].visible, false);
  assert.deepEqual(
    collect(fields, () => "k"),
    {
      credentials: { apiKey: "k" },
      params: { subdomain: "acme" },
      assertionOption: {},
    },
  );
});

test("a choice that is required starts with its first value, an optional one with none", () => {
  const make = (more) =>
    buildForm({
      auth_mode: "NONE",
      connection_config: { region: schema({ enum: ["us", "eu"], ...more }) },
    })[0];
  assert.equal(make({}).initial, "us");
  assert.equal(make({ optional: true }).initial, "");
  assert.equal(make({ default_value: "eu" }).initial, "eu");
});

test("a default, even an empty one, makes a field optional to fill in", () => {
  const [user, password] = buildForm({
    auth_mode: "BASIC",
    credentials: { password: schema({ default_value: "" }) },
  });
  assert.equal(user.required, true);
  assert.equal(password.required, false);
});

test("hidden fields are sent with their default, or not at all", () => {
  const fields = buildForm({
    auth_mode: "NONE",
    connection_config: { a: schema({ hidden: true, default_value: "x" }), b: schema({ hidden: true }) },
  });
  assert.deepEqual(collect(fields, () => "typed").params, { a: "x" });
});

test("empty optional configuration stays away, empty credentials do not", () => {
  const fields = buildForm({ auth_mode: "BASIC", connection_config: { a: schema({ optional: true }) } });
  assert.deepEqual(
    collect(fields, () => ""),
    {
      credentials: { username: "", password: "" },
      params: {},
      assertionOption: {},
    },
  );
});

test("an integration's own label replaces title, description and example", () => {
  const provider = {
    auth_mode: "API_KEY",
    credentials: { apiKey: schema({ description: "d", example: "e" }) },
  };
  const [field] = buildForm(provider, { integration: { credentials_label: { apiKey: "Workspace key" } } });
  assert.deepEqual([field.label, field.hint, field.example], ["Workspace key", undefined, undefined]);
});

test("keys of several lines get a field of several lines", () => {
  const [field] = buildForm({
    auth_mode: "JWT",
    credentials: { privateKey: schema({ title: "Private key" }) },
  });
  assert.equal(field.kind, "long");
});

test("the example of a key shows its lines", () => {
  const example = String.raw`-----BEGIN PRIVATE KEY-----\nMII*****A==\n-----END PRIVATE KEY-----`;
  const [field] = buildForm({ auth_mode: "JWT", credentials: { privateKey: schema({ example }) } });
  assert.equal(field.example, "-----BEGIN PRIVATE KEY-----\nMII…A==\n-----END PRIVATE KEY-----");
});

test("an empty title becomes the name in words", () => {
  const [field] = buildForm({ auth_mode: "NONE", connection_config: { projectRef: schema({ title: "" }) } });
  assert.equal(field.label, "Project ref");
});
