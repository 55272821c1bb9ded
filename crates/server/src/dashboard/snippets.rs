//! Ready code, filled with the values of the page it stands on.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// The same thing in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Snippet {
    /// As read on its tab.
    pub language: &'static str,
    /// The code.
    pub code: String,
}

/// The environment variable that holds the API key in every snippet.
const KEY_VARIABLE: &str = "DOVETAIL_API_KEY";

/// The command that puts a key into the variable.
pub(crate) fn export(key: &str) -> String {
    format!("export {KEY_VARIABLE}={}", shell_word(key))
}

/// A call of the service through the proxy.
pub(crate) fn proxy_call(base: &str, integration: &str, connection: &str, path: &str) -> Vec<Snippet> {
    let path = path.trim_start_matches('/');
    let curl = format!(
        "curl {} \\\n  -H \"Authorization: Bearer ${KEY_VARIABLE}\" \\\n  -H {} \\\n  -H {}",
        shell_word(&format!("{base}/proxy/{path}")),
        shell_word(&format!("Provider-Config-Key: {integration}")),
        shell_word(&format!("Connection-Id: {connection}")),
    );
    let node = format!(
        "import {{ Nango }} from '@nangohq/node';\n\nconst dovetail = new Nango({{\n  host: {},\n  secretKey: process.env.{KEY_VARIABLE},\n}});\n\nconst response = await dovetail.get({{\n  endpoint: {},\n  providerConfigKey: {},\n  connectionId: {},\n}});\nconsole.log(response.data);",
        js(base),
        js(&format!("/{path}")),
        js(integration),
        js(connection),
    );
    vec![Snippet { language: "curl", code: curl }, Snippet { language: "Node.js", code: node }]
}

/// Reading one connection with its credentials.
pub(crate) fn read_connection(base: &str, integration: &str, connection: &str) -> Snippet {
    let id = utf8_percent_encode(connection, NON_ALPHANUMERIC);
    let key = utf8_percent_encode(integration, NON_ALPHANUMERIC);
    let url = format!("{base}/connections/{id}?provider_config_key={key}");
    let code = format!("curl {} \\\n  -H \"Authorization: Bearer ${KEY_VARIABLE}\"", shell_word(&url));
    Snippet { language: "Read credentials", code }
}

/// Creating a session for an end user; with `None` the end user chooses the integration.
pub(crate) fn create_session(base: &str, integration: Option<&str>) -> Vec<Snippet> {
    let mut body = serde_json::json!({ "end_user": { "id": "user-1", "email": "user@example.com" } });
    if let Some(key) = integration {
        body["allowed_integrations"] = Value::from(vec![key]);
    }
    let curl = format!(
        "curl {} \\\n  -H \"Authorization: Bearer ${KEY_VARIABLE}\" \\\n  -H 'Content-Type: application/json' \\\n  -d {}",
        shell_word(&format!("{base}/connect/sessions")),
        shell_word(&body.to_string()),
    );
    let allowed =
        integration.map_or_else(String::new, |key| format!("  allowed_integrations: [{}],\n", js(key)));
    let node = format!(
        "import {{ Nango }} from '@nangohq/node';\n\nconst dovetail = new Nango({{\n  host: {},\n  secretKey: process.env.{KEY_VARIABLE},\n}});\n\nconst {{ data }} = await dovetail.createConnectSession({{\n  end_user: {{ id: 'user-1', email: 'user@example.com' }},\n{allowed}}});\nconsole.log(data.connect_link);",
        js(base),
    );
    vec![Snippet { language: "curl", code: curl }, Snippet { language: "Node.js", code: node }]
}

/// Opening the Connect page inside the product.
pub(crate) fn open_connect_page(base: &str) -> Snippet {
    let code = format!(
        "import Nango from '@nangohq/frontend';\n\nconst dovetail = new Nango({{ host: {} }});\nconst connect = dovetail.openConnectUI({{\n  baseURL: {},\n  apiURL: {},\n  onEvent: (event) => {{\n    if (event.type === 'connect') console.log(event.payload.connectionId);\n  }},\n}});\n\n// The token comes from your backend: data.token of the session above.\nconnect.setSessionToken(await fetchSessionToken());",
        js(base),
        js(&format!("{base}/connect/")),
        js(base),
    );
    Snippet { language: "Browser", code }
}

/// Creating an integration by the API.
pub(crate) fn create_integration(base: &str, provider: &str) -> String {
    let body = serde_json::json!({ "provider": provider, "unique_key": provider });
    format!(
        "curl {} \\\n  -H \"Authorization: Bearer ${KEY_VARIABLE}\" \\\n  -H 'Content-Type: application/json' \\\n  -d {}",
        shell_word(&format!("{base}/integrations")),
        shell_word(&body.to_string()),
    )
}

/// `text` as one word of a POSIX shell.
fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | ':' | '.' | '-' | '_' | '%' | '=');
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// `text` as a JavaScript string.
fn js(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n");
    format!("'{escaped}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_ready_to_paste() {
        let code = &proxy_call("http://localhost:3003", "coda", "c-1", "/whoami")[0].code;
        assert_eq!(
            code,
            "curl http://localhost:3003/proxy/whoami \\\n  -H \"Authorization: Bearer $DOVETAIL_API_KEY\" \\\n  \
             -H 'Provider-Config-Key: coda' \\\n  -H 'Connection-Id: c-1'"
        );
    }

    #[test]
    fn odd_names_stay_one_word() {
        assert_eq!(shell_word("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(js(r"a'\"), r"'a\'\\'");
        let code = &proxy_call("http://x", "a'b", "c", "/")[0].code;
        assert!(code.contains(r"'Provider-Config-Key: a'\''b'"), "{code}");
    }
}
