// How each auth mode is submitted: one entry a mode. They are so small that a module each would cost the
// page more in headers than in code. A mode that is not listed cannot be linked by form, and the form
// screen says so.

/** The named values that are there; empty ones are left out, the server reads them as absent. */
const pick = (values, names) =>
  Object.fromEntries(names.filter((name) => values[name]).map((name) => [name, values[name]]));

/** The named values, empty where they are absent. */
const all = (values, names) => Object.fromEntries(names.map((name) => [name, values[name] ?? ""]));

// Linked in a window of the provider: the person signs in there, and the form waits.
const inWindow = { window: true };

const MODES = {
  API_KEY: {
    path: "/api-auth/api-key",
    body: ({ credentials }) => all(credentials, ["apiKey"]),
  },
  APP: inWindow,
  // A role that trusts us. The external ID is the server's: it is shown, never sent.
  AWS_SIGV4: {
    path: "/auth/aws-sigv4",
    body: ({ credentials, params }) => ({
      ...pick(credentials, ["role_arn"]),
      ...pick({ ...params, ...credentials }, ["region"]),
    }),
  },
  // Either of the two may be empty.
  BASIC: {
    path: "/api-auth/basic",
    body: ({ credentials }) => all(credentials, ["username", "password"]),
  },
  BILL: {
    path: "/auth/bill",
    body: ({ credentials }) => all(credentials, ["username", "password", "organization_id", "dev_key"]),
  },
  CUSTOM: inWindow,
  INSTALL_PLUGIN: inWindow,
  // The definition's fields, all of them.
  JWT: { path: "/auth/jwt", body: ({ credentials }) => ({ ...credentials }) },
  MCP_OAUTH2: inWindow,
  MCP_OAUTH2_GENERIC: inWindow,
  NONE: { path: "/auth/unauthenticated", body: () => ({}) },
  OAUTH1: inWindow,
  OAUTH2: inWindow,
  // A client of the service that the person made.
  OAUTH2_CC: {
    path: "/oauth2/auth",
    body: ({ credentials }) =>
      pick(credentials, ["client_id", "client_secret", "client_certificate", "client_private_key"]),
  },
  SIGNATURE: {
    path: "/auth/signature",
    body: ({ credentials }) => ({ type: "SIGNATURE", ...all(credentials, ["username", "password"]) }),
  },
  // A permanent token, and a consumer of the person's own where the application has none.
  TBA: {
    path: "/auth/tba",
    body: ({ credentials }) =>
      pick(credentials, [
        "token_id",
        "token_secret",
        "oauth_client_id_override",
        "oauth_client_secret_override",
      ]),
  },
  // The assertion's fields are used once and not kept.
  TWO_STEP: {
    path: "/auth/two-step",
    body: ({ credentials, assertionOption }) => ({
      ...credentials,
      type: "TWO_STEP",
      ...(Object.keys(assertionOption).length > 0 ? { assertionOption } : {}),
    }),
  },
};

// What a provider announces by itself: the connection waits until then.
const OUTBOUND = { path: "/auth/oauth-outbound", body: () => ({}) };

/** `{path, body(values)}` or `{window}` of a mode, or null. */
export const modeOf = (provider) =>
  provider.installation === "outbound" ? OUTBOUND : (MODES[provider.auth_mode] ?? null);
