import assert from "node:assert/strict";
import { test } from "node:test";
import { contrast, inkOn, onColour, parseHex } from "../colour.js";

test("hexadecimal colours", () => {
  assert.deepEqual(parseHex("#00B2E3"), [0, 178, 227]);
  assert.deepEqual(parseHex("#abc"), [170, 187, 204]);
  assert.equal(parseHex("teal"), null);
});

test("any colour gets text that can be read on it, and a readable shade of itself", () => {
  const surfaces = [
    [246, 247, 247],
    [36, 39, 43],
  ];
  const steps = [0, 51, 102, 153, 204, 255];
  for (const r of steps)
    for (const g of steps)
      for (const b of steps) {
        const colour = [r, g, b];
        assert.ok(contrast(colour, onColour(colour)) >= 4.5, `on ${colour}`);
        for (const surface of surfaces)
          assert.ok(contrast(inkOn(colour, surface), surface) >= 4.5, `ink ${colour}`);
      }
});

test("a colour that is readable already is kept", () => {
  assert.deepEqual(inkOn([0, 90, 80], [255, 255, 255]), [0, 90, 80]);
});
