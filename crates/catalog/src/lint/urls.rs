//! Addresses: absolute https, or a placeholder that brings the whole address, or this machine.

use super::Rules;
use crate::definition::{Provider, TokenUrl};

pub(super) fn check(provider: &Provider, rules: &mut Rules) {
    let template = |template: &Option<crate::template::Template>| {
        template.as_ref().map(|template| template.source().to_owned())
    };
    for (path, source) in [
        (vec!["authorization_url"], template(&provider.authorization_url)),
        (vec!["pushed_authorization_request_url"], template(&provider.pushed_authorization_request_url)),
        (vec!["refresh_url"], template(&provider.refresh_url)),
        (vec!["request_url"], template(&provider.request_url)),
        (vec!["registration_url"], template(&provider.registration_url)),
        (vec!["proxy", "base_url"], template(&provider.proxy.base_url)),
        (
            vec!["proxy", "verification", "base_url_override"],
            provider
                .proxy
                .verification
                .as_ref()
                .and_then(|verification| template(&verification.base_url_override)),
        ),
    ] {
        if let Some(source) = source {
            address(&path, &source, rules);
        }
    }
    match &provider.token_url {
        Some(TokenUrl::One(template)) => address(&["token_url"], template.source(), rules),
        Some(TokenUrl::ByMode(by_mode)) => {
            for (mode, template) in by_mode.iter() {
                address(&["token_url", mode], template.source(), rules);
            }
        }
        None => {}
    }
    for step in &provider.additional_steps {
        address(&["additional_steps"], step.token_url.source(), rules);
    }
    for (key, link) in [
        ("docs", Some(&provider.docs)),
        ("docs_connect", provider.docs_connect.as_ref()),
        ("setup_guide_url", provider.setup_guide_url.as_ref()),
    ] {
        let is_link = |link: &str| link.starts_with("https://") || link.starts_with('/');
        if let Some(link) = link.filter(|link| !is_link(link)) {
            rules.add(
                &[key],
                format!("`{link}` is no https address and no path of this server"),
                "Write `https://…`, or `/guides/<id>`.",
            );
        }
    }
}

fn address(path: &[&str], source: &str, rules: &mut Rules) {
    for alternative in source.split("||") {
        let alternative = alternative.trim();
        let is_local =
            ["http://localhost", "http://127.0.0.1"].iter().any(|local| alternative.starts_with(local));
        let host = alternative.strip_prefix("https://").and_then(|rest| rest.split('/').next());
        let is_https = host.is_some_and(|host| !host.is_empty() && !host.contains(char::is_whitespace));
        if !is_https && !is_local && !alternative.starts_with("${") {
            rules.add(
                path,
                format!("`{alternative}` is not absolute https"),
                "Write the whole address with `https://`, or begin with the placeholder that brings it.",
            );
        }
    }
}
