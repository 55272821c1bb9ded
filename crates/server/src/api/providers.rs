//! `/providers`: the catalogue (spec: http-api.md 2.4).

mod get;
mod list;

use axum::Router;
use axum::routing;
use dovetail_catalog::OrderedMap;
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::OpenApi;

use crate::config::ServerConfig;
use crate::state::AppState;

/// Routes of this area.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/providers", routing::get(list::list))
        .route("/providers/{provider}", routing::get(get::get))
}

/// Description of this area.
#[derive(Debug, OpenApi)]
#[openapi(paths(list::list, get::get))]
pub struct Docs;

/// Keys of a definition that may lead into our guides.
const LINKS: [&str; 3] = ["docs", "docs_connect", "setup_guide_url"];

/// Appends a provider as the wire shows it: its name, its definition, the scopes its documentation names, and where its
/// logo is. `json` is the resolved definition.
pub(crate) fn write_shape(out: &mut String, id: &str, json: &str, scopes: &[String], config: &ServerConfig) {
    out.push('{');
    entry(out, "name", &Value::from(id).to_string());
    definition(out, json, config);
    if !scopes.is_empty() {
        entry(out, "available_scopes", &Value::from(scopes).to_string());
    }
    entry(out, "logo_url", &Value::from(logo_url(id, config)).to_string());
    out.push('}');
}

/// Appends a definition with links into our guides made absolute.
pub(crate) fn write_definition(out: &mut String, json: &str, config: &ServerConfig) {
    out.push('{');
    definition(out, json, config);
    out.push('}');
}

/// Values are copied as they are: only the outermost keys are looked at.
fn definition(out: &mut String, json: &str, config: &ServerConfig) {
    let keys: OrderedMap<Box<RawValue>> = serde_json::from_str(json).unwrap_or_default();
    for (key, value) in keys.iter() {
        let link = LINKS.contains(&key).then(|| serde_json::from_str::<String>(value.get()).ok()).flatten();
        match link {
            Some(link) => entry(out, key, &Value::from(absolute_link(&link, config)).to_string()),
            None => entry(out, key, value.get()),
        }
    }
}

fn entry(out: &mut String, key: &str, value: &str) {
    if !out.ends_with('{') {
        out.push(',');
    }
    out.push_str(&Value::from(key).to_string());
    out.push(':');
    out.push_str(value);
}

/// A link of a definition, absolute: a path leads into our guides.
pub(crate) fn absolute_link(link: &str, config: &ServerConfig) -> String {
    if link.starts_with('/') { config.absolute(link) } else { link.to_owned() }
}

/// Where a provider's logo is.
pub(crate) fn logo_url(provider: &str, config: &ServerConfig) -> String {
    config.absolute(&format!("/images/template-logos/{provider}.svg"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn links_into_our_guides_are_absolute_and_values_stay_as_they_are() {
        let config = ServerConfig::new("https://link.acme.test".parse().unwrap());
        let json =
            r#"{"display_name":"A \"b\"","docs":"/guides/a","setup_guide_url":"https://a.test/x","n":1.50}"#;
        let mut out = String::new();
        write_shape(&mut out, "a", json, &["r".to_owned()], &config);
        assert!(out.contains("\"n\":1.50"), "{out}");
        let shape: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(
            shape,
            json!({
                "name": "a", "display_name": "A \"b\"", "docs": "https://link.acme.test/guides/a",
                "setup_guide_url": "https://a.test/x", "n": 1.5, "available_scopes": ["r"],
                "logo_url": "https://link.acme.test/images/template-logos/a.svg",
            })
        );
        let mut out = String::new();
        write_definition(&mut out, "{}", &config);
        assert_eq!(out, "{}");
    }
}
