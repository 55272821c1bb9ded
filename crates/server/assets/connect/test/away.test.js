import assert from "node:assert/strict";
import { test } from "node:test";

import { goAway, KEPT, outcomeOf } from "../away.js";

const api = {
  token: "t",
  windowUrl: (key, attempt, { params }) => `https://d.test/oauth/connect/${key}?ws_client_id=${attempt}&x=${params.x}`,
};

test("the page leaves with the way back, and the tab keeps what it has to know", () => {
  const kept = new Map();
  let gone;
  goAway(api, "kit", { params: { x: "1" } }, {
    root: "https://d.test/connect/",
    search: "?lang=de",
    storage: { setItem: (name, value) => kept.set(name, value) },
    go: (url) => (gone = new URL(url)),
  });
  assert.equal(gone.searchParams.get("return_url"), "https://d.test/connect/");
  const attempt = gone.searchParams.get("ws_client_id");
  assert.deepEqual(JSON.parse(kept.get(KEPT)), { token: "t", key: "kit", attempt, search: "?lang=de" });
});

test("what came of it is asked of the server, and not for ever", async () => {
  const answers = (...statuses) => ({ get: async () => ({ status: statuses.shift() }) });
  const wait = async () => {};
  assert.deepEqual(await outcomeOf(answers("pending", "success"), "a", wait), { status: "success" });
  assert.equal(await outcomeOf(answers("pending", "pending", "pending"), "a", wait), null);
});
