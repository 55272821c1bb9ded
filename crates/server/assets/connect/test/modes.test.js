import assert from "node:assert/strict";
import { test } from "node:test";
import { buildForm, collect } from "../form.js";
import { modeOf } from "../modes.js";

/** What is sent for `provider` when every field is filled with its own name. */
function sent(provider, { answer = (field) => field.name, ...context } = {}) {
  const fields = buildForm(provider, context);
  const values = collect(fields, answer);
  return { path: modeOf(provider).path, params: values.params, body: modeOf(provider).body(values) };
}
const schema = (more = {}) => ({ type: "string", title: "T", ...more });

test("client credentials: four fields at most, the empty ones left out", () => {
  assert.deepEqual(sent({ auth_mode: "OAUTH2_CC" }), {
    path: "/oauth2/auth",
    params: {},
    body: { client_id: "client_id", client_secret: "client_secret" },
  });
  const certified = { auth_mode: "OAUTH2_CC", require_client_certificate: true };
  assert.deepEqual(Object.keys(sent(certified).body), [
    "client_id",
    "client_secret",
    "client_certificate",
    "client_private_key",
  ]);
});

test("client credentials proven by a key have no secret, unless the definition wants one", () => {
  const provider = {
    auth_mode: "OAUTH2_CC",
    token_request_auth_method: "private_key_jwt",
    credentials: { client_id: schema(), client_private_key: schema({ secret: true }) },
  };
  assert.deepEqual(sent(provider).body, {
    client_id: "client_id",
    client_private_key: "client_private_key",
  });
  const both = { ...provider, credentials: { ...provider.credentials, client_secret: schema() } };
  assert.equal(sent(both).body.client_secret, "client_secret");
});

test("JWT sends the definition's fields as they are", () => {
  const provider = { auth_mode: "JWT", credentials: { privateKey: schema(), issuerId: schema() } };
  assert.deepEqual(sent(provider), {
    path: "/auth/jwt",
    params: {},
    body: { privateKey: "privateKey", issuerId: "issuerId" },
  });
});

test("TWO_STEP keeps what is used once apart, and goes to its own endpoint whatever its fields are called", () => {
  const provider = {
    auth_mode: "TWO_STEP",
    credentials: { client_id: schema(), client_secret: schema(), assertion: schema({ automated: true }) },
    connection_config: { accountId: schema() },
    assertion_option: { privateKey: schema() },
  };
  assert.deepEqual(sent(provider), {
    path: "/auth/two-step",
    params: { accountId: "accountId" },
    body: {
      client_id: "client_id",
      client_secret: "client_secret",
      type: "TWO_STEP",
      assertionOption: { privateKey: "privateKey" },
    },
  });
  assert.equal("assertionOption" in sent({ ...provider, assertion_option: {} }).body, false);
});

test("TBA: the consumer is the application's unless the person brings one", () => {
  const answer = (field) => (field.optional ? "" : field.name);
  const tba = { auth_mode: "TBA", connection_config: { accountId: schema({ order: 1 }) } };
  assert.deepEqual(sent(tba, { answer }), {
    path: "/auth/tba",
    params: { accountId: "accountId" },
    body: { token_id: "token_id", token_secret: "token_secret" },
  });
  assert.equal(sent(tba).body.oauth_client_id_override, "oauth_client_id_override");
});

test("SIGNATURE, BILL and AWS_SIGV4 send their own fields and nothing else", () => {
  assert.deepEqual(sent({ auth_mode: "SIGNATURE" }).body, {
    type: "SIGNATURE",
    username: "username",
    password: "password",
  });
  assert.deepEqual(sent({ auth_mode: "BILL" }).body, {
    username: "username",
    password: "password",
    organization_id: "organization_id",
    dev_key: "dev_key",
  });
  const aws = {
    auth_mode: "AWS_SIGV4",
    credentials: { role_arn: schema() },
    connection_config: { region: schema({ optional: true }), service: schema({ automated: true }) },
  };
  assert.deepEqual(sent(aws).body, { role_arn: "role_arn", region: "region" });
  assert.deepEqual(sent(aws, { answer: (field) => (field.optional ? "" : "x") }).body, { role_arn: "x" });
});

test("a session may ask for a client of the person's own", () => {
  const provider = { auth_mode: "OAUTH2" };
  const defaults = {
    connection_config: { oauth_client_id_override: "", oauth_client_secret_override: "given" },
  };
  const [field, ...rest] = buildForm(provider, { defaults });
  assert.deepEqual([field.name, field.optional, rest.length], ["oauth_client_id_override", true, 0]);
});
