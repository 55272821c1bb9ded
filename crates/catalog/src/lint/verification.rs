//! The request that proves credentials.

use super::Rules;
use crate::definition::{Provider, VerificationMethod};

pub(super) fn check(provider: &Provider, rules: &mut Rules) {
    let Some(verification) = &provider.proxy.verification else { return };
    let path = ["proxy", "verification"];
    if verification.endpoints.is_empty() {
        rules.add(
            &path,
            "it has no endpoint",
            "Add `endpoints: [/path]` of a call that every account may make.",
        );
    }
    if verification.base_url_override.is_none() && provider.proxy.base_url.is_none() {
        rules.add(&path, "there is no base URL to call", "Add `proxy.base_url`.");
    }
    for endpoint in &verification.endpoints {
        let source = endpoint.source();
        if source.contains("://") || source.contains(char::is_whitespace) {
            rules.add(
                &["proxy", "verification", "endpoints"],
                format!("`{source}` is no path"),
                "Begin it with `/`; another host goes into `base_url_override`.",
            );
        }
    }
    if verification.data.is_some() && verification.method == VerificationMethod::Get {
        rules.add(&path, "a GET sends no `data`", "Use `method: POST`, or remove `data`.");
    }
    let literal = verification.headers.iter().any(|(_, value)| value.contains("${"))
        || verification.data.as_ref().is_some_and(|data| data.to_string().contains("${"));
    if literal {
        rules.add(
            &path,
            "`headers` and `data` are sent as they are: placeholders in them are not filled in",
            "Put what depends on the connection into `proxy.headers` or `proxy.body`.",
        );
    }
    if provider.credentials_verification().is_some() {
        rules.add(
            &path,
            "`credentials_verification_script` checks the credentials already",
            "Keep one of the two.",
        );
    }
}
