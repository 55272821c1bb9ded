import assert from "node:assert/strict";
import { test } from "node:test";

import { Api } from "../api.js";
import { explain } from "../errors.js";
import { modeOf } from "../modes.js";
import { newAttempt, settled } from "../window.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("an attempt has a UUID, with or without the browser's own generator", () => {
  assert.match(newAttempt(), UUID);
  assert.match(newAttempt({ getRandomValues: (bytes) => bytes.fill(0xff) }), UUID);
});

test("the window's address carries token, attempt, configuration and an own client", () => {
  const api = new Api("https://d.test", "en");
  api.token = "tok";
  const url = new URL(
    api.windowUrl("a/b", "id-1", { params: { sub: "x y" }, credentials: { oauth_client_id_override: "c" } }),
  );
  assert.equal(url.pathname, "/oauth/connect/a%2Fb");
  assert.deepEqual(Object.fromEntries(url.searchParams), {
    connect_session_token: "tok",
    ws_client_id: "id-1",
    "params[sub]": "x y",
    "credentials[oauth_client_id_override]": "c",
  });
});

test("an outcome is a result, or an error in the words of the protocol", () => {
  const success = { status: "success", connectionId: "c", providerConfigKey: "k", isPending: false };
  assert.equal(settled(success), success);
  const thrown = (() => {
    try {
      settled({ status: "error", errorType: "callback_err", errorMessage: "No." });
    } catch (error) {
      return error;
    }
  })();
  const outcome = explain(thrown);
  assert.deepEqual([outcome.kind, outcome.title, outcome.detail], ["refused", "popup.failed", "No."]);
  assert.equal(explain({ status: 400, code: "blocked_by_browser" }).title, "popup.blocked");
});

test("a provider that calls us has a form and no window", () => {
  assert.ok(modeOf({ auth_mode: "OAUTH2" }).window);
  assert.ok(modeOf({ auth_mode: "INSTALL_PLUGIN" }).window);
  const outbound = modeOf({ auth_mode: "OAUTH2", installation: "outbound" });
  assert.deepEqual([outbound.path, outbound.window, outbound.body()], ["/auth/oauth-outbound", undefined, {}]);
});
