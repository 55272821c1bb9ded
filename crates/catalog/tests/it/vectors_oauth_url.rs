//! providers.md section 14, vectors 40 to 47, and host safety (4.6).

use dovetail_catalog::template::{Author, Context, Mode, Template, UrlError, UrlStyle};
use serde_json::{Value, json};

fn build(template: &str, config: Value) -> Result<String, UrlError> {
    let credentials = json!({"id": "1", "pw": "a&b"});
    let config = config.as_object().unwrap().clone();
    let context =
        Context::timeless().map("credentials", credentials.as_object().unwrap()).connection_config(&config);
    Template::parse(template).render_url(UrlStyle::Authorization, Mode::Tree, &context, Author::Definition)
}

fn missing(name: &str) -> UrlError {
    UrlError::Missing { name: name.to_owned(), connection_config: true }
}

#[test]
fn every_vector_of_oauth_urls_holds() {
    let regional = "https://${connectionConfig.r}.x.io/t || https://x.io/t";
    assert_eq!(build(regional, json!({"r": "eu"})).unwrap(), "https://eu.x.io/t");
    assert_eq!(build(regional, json!({"r": ""})).unwrap(), "https://x.io/t");
    assert_eq!(build(regional, json!({})).unwrap(), "https://x.io/t");
    assert_eq!(build("https://${connectionConfig.sub}.x.io/t", json!({})), Err(missing("sub")));
    let refused = build("https://${connectionConfig.sub}.x.io/t", json!({"sub": "a/b c"}));
    assert!(matches!(refused, Err(UrlError::Unsafe { .. })), "{refused:?}");
    let ported = build("https://${connectionConfig.host}/t", json!({"host": "h.io:8443/base"}));
    assert_eq!(ported.unwrap(), "https://h.io:8443/base/t");
    let whole = build("${connectionConfig.accounts-server}/x", json!({"accounts-server": "https://a.b"}));
    assert_eq!(whole.unwrap(), "https://a.b/x");
    assert_eq!(
        build("https://h.io/${connectionConfig.p}", json!({"p": "a b/c"})).unwrap(),
        "https://h.io/a%20b%2Fc"
    );
    let query = build("https://h.io/t?c=${credentials.id}&p=${credentials.pw}", json!({}));
    assert_eq!(query.unwrap(), "https://h.io/t?c=1&p=a%26b");
    let dotted =
        build("https://h.io/${connectionConfig.installation.uuid}/", json!({"installation.uuid": "u1"}));
    assert_eq!(dotted.unwrap(), "https://h.io/u1/");
}

#[test]
fn a_value_in_a_host_cannot_leave_it() {
    for value in [
        "evil.example/",
        "evil.example#",
        "evil.example?",
        "user@evil.example",
        "evil.example\\",
        "evil.example%2f",
        "evil.example:443",
        "a b",
        "a\tb",
        "a\nb",
        "",
        "é",
        "a..b",
        "%65vil",
        "[::1]",
    ] {
        let outcome = build("https://${connectionConfig.sub}.x.io/t", json!({ "sub": value }));
        assert!(outcome.is_err(), "{value:?} gave {outcome:?}");
    }
}

#[test]
fn a_whole_base_is_a_web_address_without_frills() {
    for value in [
        "ftp://a.b",
        "https://u@a.b",
        "https://u:p@a.b",
        "https://a.b?x",
        "https://a.b#x",
        "https://a.b/../c",
        "https://",
        "javascript:alert(1)",
        "//a.b",
        "https://a.b\\c",
        "https://2130706433",
        "https://0x7f.1",
    ] {
        let outcome = build("${connectionConfig.u}/x", json!({ "u": value }));
        assert!(outcome.is_err(), "{value:?} gave {outcome:?}");
    }
    assert_eq!(build("${connectionConfig.u}/x", json!({"u": "https://a.b/c/"})).unwrap(), "https://a.b/c/x");
    assert_eq!(build("${connectionConfig.u}/x", json!({"u": "a.b"})).unwrap(), "https://a.b/x");
    assert_eq!(build("${connectionConfig.u}/x", json!({"u": "http://a.b"})).unwrap(), "http://a.b/x");
}

#[test]
fn a_path_value_cannot_climb() {
    for value in [".", ".."] {
        assert!(build("https://h.io/a/${connectionConfig.p}/b", json!({ "p": value })).is_err());
    }
    let encoded = build("https://h.io/a/${connectionConfig.p}/b", json!({"p": "../x"})).unwrap();
    assert_eq!(encoded, "https://h.io/a/..%2Fx/b");
}

mod properties {
    use proptest::prelude::*;
    use url::Url;

    use super::*;

    proptest! {
        #[test]
        fn the_literal_suffix_stays_the_end_of_the_host(value in "[a-z0-9./@?#\\\\%: _\\[\\]é\\t-]{1,24}") {
            if let Ok(text) = build("https://${connectionConfig.sub}.example.test/t", json!({ "sub": value })) {
                let url = Url::parse(&text).unwrap();
                prop_assert!(url.host_str().unwrap().ends_with(".example.test"));
                prop_assert_eq!(url.path(), "/t");
                prop_assert!(url.username().is_empty() && url.port().is_none());
            }
        }

        #[test]
        fn a_path_value_moves_neither_host_nor_query(value in ".{1,24}") {
            if let Ok(text) = build("https://h.example.test/a/${connectionConfig.p}/b?c=d", json!({ "p": value })) {
                let url = Url::parse(&text).unwrap();
                prop_assert_eq!(url.host_str(), Some("h.example.test"));
                prop_assert_eq!(url.query(), Some("c=d"));
                prop_assert_eq!(url.path_segments().unwrap().count(), 3);
            }
        }

        #[test]
        fn a_query_value_adds_no_parameter(value in ".{1,24}") {
            let text = build("https://h.example.test/?p=${connectionConfig.p}", json!({ "p": value })).unwrap();
            let url = Url::parse(&text).unwrap();
            prop_assert_eq!(url.query_pairs().map(|(_, v)| v.into_owned()).collect::<Vec<_>>(), vec![value]);
            prop_assert!(url.fragment().is_none());
        }

        #[test]
        fn a_whole_base_is_http_and_has_its_own_host(value in "(https?://)?[a-z0-9./@?#\\\\%: _-]{1,24}") {
            if let Ok(text) = build("${connectionConfig.u}/x", json!({ "u": value })) {
                let url = Url::parse(&text).unwrap();
                prop_assert!(matches!(url.scheme(), "http" | "https"));
                prop_assert!(value.contains(url.host_str().unwrap()));
            }
        }
    }
}
