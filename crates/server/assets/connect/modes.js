// How each auth mode is submitted. A mode that is not listed cannot be linked by form, and the
// form screen says so.

import apiKey from "./modes/api_key.js";
import awsSigv4 from "./modes/aws_sigv4.js";
import basic from "./modes/basic.js";
import bill from "./modes/bill.js";
import jwt from "./modes/jwt.js";
import none from "./modes/none.js";
import oauth2Cc from "./modes/oauth2_cc.js";
import signature from "./modes/signature.js";
import tba from "./modes/tba.js";
import twoStep from "./modes/two_step.js";
import inWindow from "./modes/window.js";

const MODES = {
  API_KEY: apiKey,
  APP: inWindow,
  AWS_SIGV4: awsSigv4,
  BASIC: basic,
  BILL: bill,
  CUSTOM: inWindow,
  JWT: jwt,
  MCP_OAUTH2: inWindow,
  MCP_OAUTH2_GENERIC: inWindow,
  NONE: none,
  OAUTH1: inWindow,
  OAUTH2: inWindow,
  OAUTH2_CC: oauth2Cc,
  SIGNATURE: signature,
  TBA: tba,
  TWO_STEP: twoStep,
};

/** `{path, body(values)}` or `{window}` of a mode, or null. What a provider installs by itself has no window. */
export const modeOf = (provider) => {
  const mode = MODES[provider.auth_mode] ?? null;
  return mode?.window && provider.installation === "outbound" ? null : mode;
};
