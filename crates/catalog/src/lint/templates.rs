//! Placeholders that nothing supplies.

use dovetail_model::AuthMode;

use super::{Rules, names::Names};
use crate::{
    definition::{Provider, TokenUrl},
    ordered_map::OrderedMap,
    template::{Template, Tree},
};

/// Names that describe the request itself.
const REQUEST: [&str; 9] = [
    "endpoint",
    "host",
    "path",
    "params",
    "urlCanonicalParams",
    "bodyCanonicalParams",
    "contentType",
    "method",
    "accessToken",
];
const CONNECTION: [&str; 2] = ["connection_id", "id"];

struct Check<'a> {
    names: Names<'a>,
    rules: &'a mut Rules,
}

pub(super) fn check(provider: &Provider, rules: &mut Rules) {
    let mut check = Check { names: Names::of(provider), rules };
    let mode = provider.auth_mode();

    let app: &[&str] =
        if matches!(mode, AuthMode::App | AuthMode::Custom) { &["appPublicLink"] } else { &[] };
    check.one(&["authorization_url"], provider.authorization_url.as_ref(), app);
    check.trees("authorization_params", &provider.authorization_params, &[]);
    match &provider.token_url {
        Some(TokenUrl::One(template)) => check.one(&["token_url"], Some(template), &[]),
        Some(TokenUrl::ByMode(by_mode)) => {
            for (mode, template) in by_mode.iter() {
                check.one(&["token_url", mode], Some(template), &[]);
            }
        }
        None => {}
    }
    check.one(&["refresh_url"], provider.refresh_url.as_ref(), &[]);
    let token: &[&str] = &["token", "assertion", "refresh_token"];
    check.trees("token_params", &provider.token_params, token);
    check.templates("token_headers", &provider.token_headers, token);
    for (key, trees) in [
        ("refresh_params", &provider.refresh_params),
        ("refresh_token_params", &provider.refresh_token_params),
    ] {
        if let Some(trees) = trees {
            check.trees(key, trees, token);
        }
    }
    if let Some(headers) = &provider.refresh_token_headers {
        check.templates("refresh_token_headers", headers, token);
    }
    for step in &provider.additional_steps {
        // What an earlier answer holds is known to the service alone.
        check.one(&["additional_steps"], Some(&step.token_url), token);
    }
    if let Some(jwt) = &provider.token {
        check.one(&["token", "signing_key"], jwt.signing_key.as_ref(), &[]);
        for (key, trees) in [("header", &jwt.header), ("payload", &jwt.payload)] {
            for (name, tree) in trees.iter() {
                check.tree(&["token", key, name], tree, &[]);
            }
        }
    }
    if let Some(assertion) = &provider.assertion {
        check.one(&["assertion", "key"], assertion.key.as_ref(), &[]);
        for (key, trees) in [("header", &assertion.header), ("payload", &assertion.payload)] {
            for (name, tree) in trees.iter() {
                check.tree(&["assertion", key, name], tree, &[]);
            }
        }
        check.one(&["assertion", "issuer"], assertion.issuer.as_ref(), &[]);
        check.one(&["assertion", "recipient"], assertion.recipient.as_ref(), &[]);
    }

    let proxy = &provider.proxy;
    check.base(&["proxy", "base_url"], proxy.base_url.as_ref(), provider);
    let client: Vec<&str> = REQUEST.iter().chain(&["clientId", "clientSecret"]).copied().collect();
    for (name, template) in proxy.headers.iter() {
        check.one(&["proxy", "headers", name], Some(template), &client);
    }
    for (name, template) in proxy.query.iter() {
        check.one(&["proxy", "query", name], Some(template), &["accessToken"]);
    }
    if let Some(body) = &proxy.body {
        check.tree(&["proxy", "body"], body, &["accessToken"]);
    }
    if let Some(verification) = &proxy.verification {
        for endpoint in &verification.endpoints {
            check.base(&["proxy", "verification", "endpoints"], Some(endpoint), provider);
        }
        let path = ["proxy", "verification", "base_url_override"];
        check.base(&path, verification.base_url_override.as_ref(), provider);
    }
}

impl Check<'_> {
    fn one(&mut self, path: &[&str], template: Option<&Template>, flat: &[&str]) {
        for name in template.into_iter().flat_map(Template::names) {
            if self.names.supply(name, flat) {
                continue;
            }
            let mend = match (self.names.like(name), name.split_once('.')) {
                (Some(near), _) => format!("Did you mean `${{{near}}}`?"),
                (None, Some(("connectionConfig", key))) => format!(
                    "Add the field `connection_config.{key}`, or name `{key}` in the list of what brings it \
                     (`redirect_uri_metadata`, `token_response_metadata` …)."
                ),
                (None, _) => {
                    "Use a name that this place has: crates/catalog/README.md lists them.".to_owned()
                }
            };
            self.rules.add(path, format!("nothing supplies `${{{name}}}`"), mend);
        }
    }

    /// Base URLs also see the connection, and its config flat.
    fn base(&mut self, path: &[&str], template: Option<&Template>, provider: &Provider) {
        let mut flat: Vec<&str> = CONNECTION.to_vec();
        flat.extend(provider.connection_config.iter().map(|(name, _)| name));
        self.one(path, template, &flat);
    }

    fn tree(&mut self, path: &[&str], tree: &Tree, flat: &[&str]) {
        for template in tree.templates() {
            self.one(path, Some(template), flat);
        }
    }

    fn trees(&mut self, key: &str, trees: &OrderedMap<Tree>, flat: &[&str]) {
        for (name, tree) in trees.iter() {
            self.tree(&[key, name], tree, flat);
        }
    }

    fn templates(&mut self, key: &str, templates: &OrderedMap<Template>, flat: &[&str]) {
        for (name, template) in templates.iter() {
            self.one(&[key, name], Some(template), flat);
        }
    }
}
