//! Lists of scopes.

use std::collections::HashSet;

use dovetail_model::AuthMode;

use super::finding::Report;
use crate::{catalog::Catalog, load::ScopesText};

pub(super) fn check(id: &str, list: &ScopesText, catalog: &Catalog, report: &mut Report) {
    let Some(listing) = catalog.listing(id) else {
        report.add(&[], format!("there is no provider `{id}`"), "Name the folder after the provider.");
        return;
    };
    let takes_scopes = matches!(
        listing.auth_mode(),
        AuthMode::Oauth2
            | AuthMode::Oauth2Cc
            | AuthMode::McpOauth2
            | AuthMode::McpOauth2Generic
            | AuthMode::Oauth1
            | AuthMode::Custom
            | AuthMode::App
    );
    if !takes_scopes {
        let problem = format!("{} knows no scopes", listing.auth_mode().as_str());
        report.add(&[], problem, "Remove the file.");
    }
    let mut seen = HashSet::new();
    for scope in &list.scopes {
        if !seen.insert(scope) {
            report.add_at(scope, "scopes", format!("`{scope}` occurs twice"), "Remove one.");
        }
        if scope.is_empty() || scope.contains(',') || scope.trim() != scope {
            report.add_at(
                scope,
                "scopes",
                format!("`{scope}` cannot be a scope"),
                "One scope an entry, without commas and without spaces around it.",
            );
        }
    }
}
