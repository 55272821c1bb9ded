//! A connection's own webhook target (spec: http-api.md 1.11, "outbound webhook URL").

use dovetail_egress::Client;
use serde_json::Value;
use url::Url;

use crate::validate::{Cx, Schema};

/// The reference's own domain: pointing a webhook there is always a mistake.
const REFERENCE_DOMAIN: &str = "nango.dev";

/// A webhook target: a URL that may be called, or `""` for none. Yields the text as it was sent.
#[derive(Clone, Debug)]
pub(crate) struct WebhookUrl {
    egress: Client,
}

/// See [`WebhookUrl`]; `egress` judges whether the address may be called.
pub(crate) fn webhook_url(egress: &Client) -> WebhookUrl {
    WebhookUrl { egress: egress.clone() }
}

impl Schema for WebhookUrl {
    type Out = String;

    fn read(&self, value: Option<&Value>, cx: &mut Cx) -> Option<String> {
        let Some(Value::String(text)) = value else {
            // Reports the wrong type in the shared wording.
            return crate::validate::string().read(value, cx);
        };
        if text.is_empty() {
            return Some(String::new());
        }
        match Url::parse(text) {
            Err(_) => cx.issue("invalid_format", "Invalid URL"),
            Ok(url) if names_reference(&url) => {
                cx.custom("This host does not receive your webhooks; name your own", &[]);
            }
            Ok(url) => {
                if let Err(error) = self.egress.check_url(&url) {
                    cx.custom(format!("This URL cannot be called: {error}"), &[]);
                }
            }
        }
        Some(text.clone())
    }
}

fn names_reference(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        let host = host.trim_end_matches('.');
        host == REFERENCE_DOMAIN
            || host.strip_suffix(REFERENCE_DOMAIN).is_some_and(|rest| rest.ends_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use dovetail_egress::EgressConfig;
    use serde_json::json;

    use super::*;

    fn codes(text: &str) -> Vec<&'static str> {
        let client = Client::new(EgressConfig::default()).unwrap();
        match webhook_url(&client).check(Some(&json!(text))) {
            Ok(_) => Vec::new(),
            Err(issues) => issues.iter().map(|issue| issue.code).collect(),
        }
    }

    #[tokio::test]
    async fn only_public_web_addresses_pass() {
        assert!(codes("").is_empty());
        assert!(codes("https://hooks.acme.test/in?x=1").is_empty());
        assert!(codes("https://notnango.dev/x").is_empty());
        assert_eq!(codes("not-a-url"), ["invalid_format"]);
        for bad in [
            "https://api.nango.dev/x",
            "https://nango.dev./x",
            "ftp://acme.test/",
            "http://127.0.0.1/",
            "http://169.254.169.254/latest",
        ] {
            assert_eq!(codes(bad), ["custom"], "{bad}");
        }
    }
}
