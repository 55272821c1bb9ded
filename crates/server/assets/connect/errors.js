// From a failed attempt to what the person reads. Pure.

const EXPIRED = new Set([
  "unknown_connect_session_token",
  "invalid_connect_session_token_format",
  "missing_auth_header",
  "missing_connect_session_token",
]);

/** Codes of an attempt that reached, or tried to reach, the provider. */
const TESTED = new Set(["connection_test_failed", "connection_test_unavailable"]);

/** Ends of an attempt in a window of the provider that more than one try can change. */
const IN_WINDOW = new Set([
  "auth_mode_err",
  "callback_err",
  "grant_type_err",
  "provider_config_err",
  "state_cookie_err",
  "state_err",
  "token_err",
  "unknown_config_key",
  "unknown_err",
  "url_param_err",
]);

/** Whether the session is over: a new token or link is needed. */
export const isExpired = (error) => error.status === 401 || EXPIRED.has(error.code);

/**
 * @param error `{status, code, message, errors, payload}`; status 0 = the server was not reached
 * @returns `{kind, title, text, values, detail, fields}`: `title` and `text` are keys of the
 * catalogue, `detail` is a sentence of the server or null, `fields` is `[{path, message}]`
 */
export function explain(error, fields = []) {
  const found = fieldErrors(error, fields);
  const answer = (kind, title, text, extra = {}) => ({
    kind,
    title,
    text,
    values: {},
    detail: null,
    fields: found,
    ...extra,
  });
  const detail = error.message || null;
  if (isExpired(error)) return answer("expired", "expired.title", "expired.text");
  if (error.status === 0) return answer("offline", "refused.offline", "refused.offline_text");
  if (error.status === 429) return answer("busy", "refused.slow_down", "refused.slow_down_text");
  if (TESTED.has(error.code) || error.payload?.reason) return { ...tested(error, detail), fields: found };
  if (found.length > 0)
    return answer("fields", "error.check", "error.check_text", { values: { count: found.length } });
  if (error.code === "connection_validation_failed")
    return answer("refused", "refused.rejected", "refused.rejected_text", { detail });
  if (error.code === "blocked_by_browser") return answer("busy", "popup.blocked", "popup.blocked_text");
  if (IN_WINDOW.has(error.code)) return answer("refused", "popup.failed", "popup.retry_text", { detail });
  if (error.code === "resource_capped") return answer("refused", "refused.capped", "refused.capped_text");
  if (error.code === "integration_not_allowed" || error.code === "unknown_provider_config") {
    return answer("refused", "refused.gone", "refused.gone_text");
  }
  if (error.code === "invalid_connection")
    return answer("refused", "refused.deleted", "refused.deleted_text");
  return answer("failed", "refused.failed", "refused.failed_text", { detail });
}

/** What `payload.reason` says where there was no answer to show a status of. */
const REASONS = {
  unknown_host: ["refused", "refused.host", "refused.s404_text"],
  blocked: ["refused", "refused.blocked", "refused.s404_text"],
  not_buildable: ["refused", "refused.rejected", "refused.rejected_text"],
  sent_away: ["refused", "refused.host", "refused.s404_text"],
  timeout: ["unreachable", "refused.timeout", "refused.s5xx_text"],
  unreachable: ["unreachable", "refused.unreachable", "refused.unreachable_text"],
};

const STATUSES = {
  401: ["refused", "refused.s401", "refused.s401_text"],
  403: ["refused", "refused.s403", "refused.s403_text"],
  404: ["refused", "refused.s404", "refused.s404_text"],
  429: ["unreachable", "refused.s429", "refused.s429_text"],
};

/** The provider was asked and did not say yes. `payload.status` is its HTTP status, where known. */
function tested(error, detail) {
  const status = Number(error.payload?.status) || statusIn(detail);
  const [kind, title, text] =
    (!status && REASONS[error.payload?.reason]) ||
    STATUSES[status] ||
    (status >= 500 && ["unreachable", "refused.s5xx", "refused.s5xx_text"]) ||
    (status && ["refused", "refused.status", "refused.rejected_text"]) ||
    (error.code === "connection_test_unavailable" ? REASONS.unreachable : REASONS.not_buildable);
  // The provider's own sentence; ours where it gave no answer at all.
  const quoted = error.payload?.detail || (status ? null : detail);
  return { kind, title, text, values: { status: status || "" }, detail: quoted };
}

/** "Coda answered 401: …" names the status where the payload does not. */
function statusIn(text) {
  const match = /\banswered ([1-5]\d\d)\b/.exec(text ?? "");
  return match ? Number(match[1]) : 0;
}

/** Places the server's issues at fields: by group and name, else by name alone. */
export function fieldErrors(error, fields) {
  const groups = {
    credentials: "credentials",
    params: "connection_config",
    connection_config: "connection_config",
    assertionOption: "assertion_option",
  };
  const out = [];
  for (const issue of error.errors ?? []) {
    const path = (issue.path ?? []).map(String);
    const name = path.at(-1);
    const group = groups[path.at(-2)];
    const field =
      fields.find((f) => f.name === name && f.group === group) ?? fields.find((f) => f.name === name);
    if (field) out.push({ path: field.path, message: issue.message, code: issue.code });
  }
  return out;
}
