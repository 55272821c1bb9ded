// How each auth mode is submitted. A mode that is not listed cannot be linked by form yet, and
// the form screen says so.

import apiKey from "./modes/api_key.js";
import basic from "./modes/basic.js";
import none from "./modes/none.js";

const MODES = { API_KEY: apiKey, BASIC: basic, NONE: none };

/** `{path, body(values)}` of a mode, or null. */
export const modeOf = (provider) => MODES[provider.auth_mode] ?? null;
