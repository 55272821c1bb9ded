import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { explain, fieldErrors, isExpired } from "../errors.js";

const texts = JSON.parse(readFileSync(new URL("../../i18n/en.json", import.meta.url)));
const fields = [
  { path: "connection_config.subdomain", group: "connection_config", name: "subdomain" },
  { path: "credentials.apiKey", group: "credentials", name: "apiKey" },
];
const failed = (more) => ({
  status: 400,
  code: "connection_test_failed",
  message: "",
  errors: [],
  payload: {},
  ...more,
});
const unavailable = (payload) => failed({ status: 503, code: "connection_test_unavailable", payload });

test("the provider's status decides what is said", () => {
  assert.equal(explain(failed({ payload: { status: 401 } })).title, "refused.s401");
  assert.equal(explain(failed({ payload: { status: 418 } })).title, "refused.status");
  assert.equal(explain(failed({ message: "Coda answered 403: no." })).title, "refused.s403");
  assert.equal(explain(unavailable({ status: 502 })).values.status, 502);
});

test("the provider's own sentence is quoted, and ours only where it gave none", () => {
  const detail = (more) => explain(failed({ message: "Ours.", ...more })).detail;
  assert.equal(detail({ payload: { status: 401, detail: "Bad key" } }), "Bad key");
  assert.equal(detail({ payload: { status: 401, detail: null } }), null);
  assert.equal(detail({ payload: { status: null, reason: "timeout" } }), "Ours.");
});

test("no answer is told apart from a refusal", () => {
  const kinds = {
    unknown_host: "refused",
    blocked: "refused",
    timeout: "unreachable",
    unreachable: "unreachable",
  };
  for (const [reason, kind] of Object.entries(kinds))
    assert.equal(explain(failed({ payload: { reason } })).kind, kind, reason);
  assert.equal(explain({ status: 0, code: "offline" }).kind, "offline");
  assert.equal(explain(unavailable({})).kind, "unreachable");
});

test("every text that is named exists", () => {
  const codes = [
    "connection_test_failed",
    "connection_test_unavailable",
    "connection_validation_failed",
    "resource_capped",
    "integration_not_allowed",
    "unknown_provider_config",
    "invalid_connection",
    "generic_error_support",
  ];
  for (const code of codes)
    for (const status of [0, 400, 401, 403, 404, 429, 500, 502, 503]) {
      for (const payload of [{}, { status }, { reason: "timeout" }, { reason: "sent_away" }]) {
        const { title, text } = explain({ status, code, payload });
        assert.ok(title in texts && text in texts, `${title} ${text}`);
      }
    }
});

test("a session that is over is known by its status or code", () => {
  assert.ok(isExpired({ status: 401, code: "unknown_connect_session_token" }));
  assert.ok(!isExpired({ status: 400, code: "invalid_body" }));
});

test("issues of the server find their fields", () => {
  const errors = [
    { message: "a", path: ["params", "subdomain"] },
    { message: "b", path: ["apiKey"] },
    { message: "c", path: ["connection_config", "subdomain"] },
    { message: "d", path: [] },
  ];
  assert.deepEqual(
    fieldErrors({ errors }, fields).map(({ path, message }) => [path, message]),
    [
      ["connection_config.subdomain", "a"],
      ["credentials.apiKey", "b"],
      ["connection_config.subdomain", "c"],
    ],
  );
  assert.equal(explain({ status: 400, code: "invalid_body", errors }, fields).kind, "fields");
});

test("modes that exchange credentials have codes of their own and the same sentences", () => {
  const fetched = failed({ code: "client_credentials_fetch_error", payload: { status: 401, reason: "refused" } });
  assert.equal(explain(fetched).title, "refused.s401");
  const unsigned = failed({ code: "failed_to_sign", message: "The key is no PEM.", payload: { reason: "not_buildable" } });
  assert.deepEqual([explain(unsigned).title, explain(unsigned).detail], ["refused.rejected", "The key is no PEM."]);
});
