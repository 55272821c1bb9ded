// From a provider definition to the fields of its form. Pure: no DOM, no network.

/** Credential fields that a mode asks for even when the definition lists none. */
const BASE = {
  API_KEY: ["apiKey"],
  BASIC: ["username", "password"],
  SIGNATURE: ["username", "password"],
  OAUTH2_CC: ["client_id", "client_secret"],
  TBA: ["token_id", "token_secret", "oauth_client_id_override", "oauth_client_secret_override"],
  BILL: ["username", "password", "organization_id", "dev_key"],
  AWS_SIGV4: ["role_arn"],
};

/** Names of base fields that the catalogue of texts does not translate. */
const TITLES = {
  client_id: "Client ID",
  client_secret: "Client secret",
  client_certificate: "Client certificate",
  client_private_key: "Private key",
  oauth_client_id_override: "OAuth client ID",
  oauth_client_secret_override: "OAuth client secret",
  oauth_refresh_token_override: "Refresh token",
  privateKey: "Private key",
  issuerId: "Issuer ID",
  privateKeyId: "Key ID",
  pat_name: "Personal access token name",
  pat_secret: "Personal access token secret",
  content_url: "Content URL",
  token_id: "Token ID",
  token_secret: "Token secret",
  organization_id: "Organization ID",
  dev_key: "Developer key",
  role_arn: "IAM role ARN",
};

const SECRET = new Set([
  "apiKey",
  "password",
  "client_secret",
  "client_certificate",
  "client_private_key",
  "privateKey",
  "oauth_client_secret_override",
  "oauth_refresh_token_override",
  "token_id",
  "token_secret",
  "dev_key",
  "pat_secret",
]);

/** Parts of a client that a session may bring or ask for in place of the application's own (OAUTH2). */
const OWN_CLIENT = [
  "oauth_client_id_override",
  "oauth_client_secret_override",
  "oauth_refresh_token_override",
];

/** Fields without `order` come after those with one. */
const UNORDERED = 100;

/**
 * @param provider    definition as `GET /providers/{provider}` answers it
 * @param integration integration as `GET /integrations` lists it
 * @param defaults    `integrations_config_defaults[key]` of the session
 * @param titles      translated titles of base fields
 * @returns fields in the order in which they are shown; hidden ones included
 */
export function buildForm(provider, { integration = {}, defaults = {}, titles = {} } = {}) {
  const fields = new Map();
  let counter = UNORDERED;
  const names = { ...TITLES, ...titles };
  const base = baseFields(provider);

  const credentials = { ...(provider.credentials ?? {}) };
  if (provider.auth_mode === "TWO_STEP") {
    for (const [name, schema] of Object.entries(provider.integration_config ?? {})) {
      credentials[name] ??= { ...schema, optional: false };
    }
  }
  const given = new Set(integration.preconfigured_credentials ?? []);
  const add = (group, name, schema, order) => {
    fields.set(`${group}.${name}`, makeField({ group, name, schema, order, names, integration, defaults }));
  };

  for (const name of new Set([...Object.keys(base), ...Object.keys(credentials)])) {
    const schema = credentials[name] ?? base[name];
    if (schema.automated || given.has(name)) continue;
    add("credentials", name, schema, counter++);
  }
  for (const [name, schema] of Object.entries(provider.connection_config ?? {})) {
    if (schema.automated) continue;
    add("connection_config", name, schema, typeof schema.order === "number" ? schema.order : counter++);
  }
  for (const [name, schema] of Object.entries(provider.assertion_option ?? {})) {
    add("assertion_option", name, schema, counter++);
  }
  if (provider.auth_mode === "OAUTH2") {
    const brought = defaults.connection_config ?? {};
    for (const name of OWN_CLIENT.filter((known) => known in brought)) {
      // A value that the session brings stays with the server.
      if (!brought[name]) add("credentials", name, { optional: true }, counter++);
    }
  }
  return [...fields.values()].sort((a, b) => a.order - b.order);
}

/** What the mode asks for, by name, where the definition says nothing else. */
function baseFields(provider) {
  const mode = provider.auth_mode;
  const fields = Object.fromEntries((BASE[mode] ?? []).map((name) => [name, {}]));
  if (mode === "OAUTH2_CC") {
    if (provider.token_request_auth_method === "private_key_jwt")
      fields.client_secret = { hidden: true, optional: true };
    if (provider.require_client_certificate)
      Object.assign(fields, { client_certificate: {}, client_private_key: {} });
  }
  // The application has a consumer; the person may bring another.
  if (mode === "TBA") for (const name of OWN_CLIENT.slice(0, 2)) fields[name] = { optional: true };
  return fields;
}

function makeField({ group, name, schema, order, names, integration, defaults }) {
  const relabelled = group === "credentials" ? integration.credentials_label?.[name] : undefined;
  const preset = group === "connection_config" ? defaults.connection_config?.[name] : undefined;
  const secret = Boolean(schema.secret) || SECRET.has(name);
  const options = Array.isArray(schema.enum) ? schema.enum.map(String) : undefined;
  const optional = Boolean(schema.optional);
  const fallback = schema.default_value;
  const kind = options ? "choice" : isLong(name, schema) ? "long" : secret ? "secret" : "text";
  // A hidden field without a value is not sent at all.
  const initial = preset ?? fallback ?? (schema.hidden ? undefined : options && !optional ? options[0] : "");
  return {
    path: `${group}.${name}`,
    group,
    name,
    order,
    label: relabelled ?? (schema.title || names[name] || humanise(name)),
    hint: relabelled ? undefined : schema.description || undefined,
    example: relabelled ? undefined : exampleOf(schema.example, kind),
    required: !optional && fallback === undefined,
    optional,
    secret,
    options,
    hidden: Boolean(schema.hidden),
    preset: preset !== undefined,
    visible: !schema.hidden && preset === undefined,
    pattern: schema.pattern,
    format: schema.format,
    prefix: schema.prefix,
    suffix: schema.suffix,
    kind,
    initial: initial === undefined ? undefined : String(initial),
  };
}

/** Examples mask their middle with asterisks, one sign is enough to see that; and those of several lines have them. */
function exampleOf(example, kind) {
  const text = example?.replace(/\*{3,}/g, "…");
  return (kind === "long" ? text?.replace(/\\+n/g, "\n") : text) || undefined;
}

/** Keys and certificates of several lines need room, and their line ends. */
function isLong(name, schema) {
  return (
    /private.?key|certificate|\bpem\b/i.test(`${name} ${schema.title ?? ""}`) ||
    /-----BEGIN/.test(schema.example ?? "")
  );
}

function humanise(name) {
  const words = name
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replace(/[_-]+/g, " ")
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What is sent: `{credentials, params, assertionOption}`; empty optional values stay away. */
export function collect(fields, valueOf) {
  const out = { credentials: {}, params: {}, assertionOption: {} };
  const place = {
    credentials: out.credentials,
    connection_config: out.params,
    assertion_option: out.assertionOption,
  };
  for (const field of fields) {
    const value = field.visible ? valueOf(field) : field.initial;
    if (value === undefined) continue;
    if (value === "" && field.group !== "credentials" && !field.hidden) continue;
    place[field.group][field.name] = value;
  }
  return out;
}
