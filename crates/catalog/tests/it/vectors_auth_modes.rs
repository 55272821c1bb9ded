//! auth-modes.md section 28.4: URLs and interpolation, as far as the vectors of providers.md do not have them.

use dovetail_catalog::template::{Author, Context, Mode, Moment, Template, UrlStyle};
use serde_json::{Value, json};

/// 2026-02-25T23:00:00Z.
const LATE: i64 = 1_772_060_400_000;

fn render(text: &str, credentials: &Value) -> String {
    let moment = Moment::new(LATE, "r");
    let context = Context::new(&moment).map("credentials", credentials.as_object().unwrap());
    Template::parse(text).render(Mode::Flat, &context).text
}

#[test]
fn helpers_give_what_the_vectors_say() {
    let pair = json!({"u": "ana", "p": "p:1", "k": "no key"});
    assert_eq!(render("Basic ${base64(${credentials.u}:${credentials.p})}", &pair), "Basic YW5hOnA6MQ==");
    assert_eq!(render("${now+7:days:YYYY-MM-DD}", &json!({})), "2026-03-04");
    let signing = "${ed25519Sign(msg, ${credentials.k})}";
    assert_eq!(render(signing, &json!({})), signing, "without a key the text is unchanged");
    let bad = render(signing, &pair);
    assert!(bad.starts_with("${ed25519Sign(msg, "), "with a bad key too: {bad}");
}

#[test]
fn a_nested_member_wins_over_a_dotted_key() {
    let moment = Moment::new(LATE, "r");
    let text = |config: Value| {
        let config = config.as_object().cloned().unwrap();
        let context = Context::new(&moment).connection_config(&config);
        Template::parse("${connectionConfig.installation.uuid}").render(Mode::Tree, &context).text
    };
    assert_eq!(text(json!({"installation": {"uuid": "nested"}})), "nested");
    assert_eq!(text(json!({"installation.uuid": "flat"})), "flat");
}

#[test]
fn no_value_leads_a_host_astray() {
    for value in
        ["evil.test/", "evil.test#", "evil.test?", "a@evil.test", "evil.test%2f", "[::1]", "169.254.169.254#"]
    {
        let config = json!({ "zone": value }).as_object().cloned().unwrap();
        let context = Context::timeless().connection_config(&config);
        let built = Template::parse("https://api.${connectionConfig.zone}.dove.test/t").render_url(
            UrlStyle::Authorization,
            Mode::Tree,
            &context,
            Author::Definition,
        );
        assert!(built.is_err(), "{value}: {built:?}");
    }
    // A number alone is a label of a name here, and an address where it is the whole host.
    let config = json!({"zone": "2130706433"}).as_object().cloned().unwrap();
    let context = Context::timeless().connection_config(&config);
    let whole = Template::parse("https://${connectionConfig.zone}/t");
    let built = whole.render_url(UrlStyle::Authorization, Mode::Tree, &context, Author::Definition);
    assert!(built.is_err(), "{built:?}");
}
