//! providers.md section 14, vectors 1 to 39. Where the reference and ours differ, ours.

use dovetail_catalog::template::{Context, Mode, Template};
use serde_json::{Value, json};

use crate::support::moment;

fn render(mode: Mode, text: &str) -> String {
    let credentials = json!({"apiKey":"k1","username":"u","password":"p:1","raw":{"id":7}});
    let config = json!({"domain":"acme","n":5,"empty":"","obj":{"x":"deep"},"a.b":"flat","list":["i0","i1"]});
    let others = json!({"yes":true,"zero":0,"nil":null,"obj":{"a":1}});
    let moment = moment();
    let mut context = Context::new(&moment)
        .map("credentials", credentials.as_object().unwrap())
        .flat(credentials.as_object().unwrap())
        .connection_config(config.as_object().unwrap())
        .flat(others.as_object().unwrap())
        .text("accessToken", "AT")
        .text("endpoint", "/e?x=1");
    if text.contains("awsSigV4") {
        context = context
            .text("method", "GET")
            .text("path", "/")
            .text("urlCanonicalParams", "Action=ListUsers&Version=2010-05-08");
    }
    Template::parse(text).render(mode, &context).text
}

const A: &[Mode] = &[Mode::Flat];
const B: &[Mode] = &[Mode::Tree];
const C: &[Mode] = &[Mode::Proxy];
const AB: &[Mode] = &[Mode::Flat, Mode::Tree];

#[test]
fn every_vector_of_the_language_holds() {
    let same = "\0";
    let vectors: &[(u8, &[Mode], &str, &str)] = &[
        (1, A, "a-${apiKey}-b", "a-k1-b"),
        (2, A, "${credentials.raw.id}", "7"),
        (3, AB, "${credentials.nope}", same),
        (4, A, "${yes}", "true"),
        (4, B, "${yes}", same),
        (5, AB, "${zero}", "0"),
        (6, AB, "${nil}", same),
        (7, AB, "${connectionConfig.list.1}", "i1"),
        (8, AB, "${connectionConfig.a.b}", "flat"),
        (9, B, "x${connectionConfig.empty}y", "xy"),
        (10, A, "${now}", "2024-05-06T07:08:09.123Z"),
        (11, A, "${now:YYYY-MM-DDTHH:mm:ss}", "2024-05-06T07:08:09"),
        (12, A, "${now:X}", "1714979289"),
        (12, A, "${now:x}", "1714979289123"),
        (13, A, "${now+7:days:YYYY-MM-DD}", "2024-05-13"),
        (14, A, "${now-1:day:YYYY-MM-DD}", "2024-05-05"),
        (15, A, "${now+1:minutes:X}", "1714979349"),
        (16, A, "${now:YYYYMMDDTHHmmss[Z]}", "20240506T070809Z"),
        (17, A, "${now:ddd, DD MMM YYYY HH:mm:ss ZZ}", "Mon, 06 May 2024 07:08:09 +0000"),
        (18, A, "${random}", "RND"),
        (19, A, "Basic ${base64(${username}:${password})}", "Basic dTpwOjE="),
        (20, A, "${base64(${username}:${nope})}", same),
        (21, A, "${base64(literal)}", "bGl0ZXJhbA=="),
        (21, A, "${base64()}", ""),
        (22, A, "${sha256Hex(abc)}", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (23, A, "${sha256Base64(abc)}", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="),
        (
            24,
            AB,
            "${sha256Hex(${base64(${username})})}",
            "c45ba23ab52d896c54615dd9ba46cfcc7683244c6a180368589b0ead42c1ec37",
        ),
        (25, A, "${hmacSha1Hex(${username}\nline, ${password})}", "40264d4e6f41816eaeb7993a11e2c5855b3f520a"),
        (26, A, "${hmacSha1Hex(nocomma)}", same),
        (26, A, "${awsSigV4(a,b)}", same),
        (27, A, "${connectionConfig.domain} || fallback", "acme || fallback"),
        (28, B, "${connectionConfig.domain} || fallback", "acme"),
        (29, B, "${connectionConfig.nope} || fallback", "fallback"),
        (30, B, "${connectionConfig.empty} || fallback", "fallback"),
        (31, B, "x${connectionConfig.empty} || fallback", "x"),
        (32, B, "static || other", "other"),
        (33, C, "static || other", same),
        (34, C, "${connectionConfig.version} || 2020-01-31", "2020-01-31"),
        (35, B, "${connectionConfig.nope} || ${connectionConfig.domain}", "acme"),
        (36, B, "${connectionConfig.nope} || b || c", "b"),
        (37, B, "${connectionConfig.domain}-${connectionConfig.nope} || fb", "acme-${connectionConfig.nope}"),
        (38, A, "$${apiKey}", "$k1"),
        (38, A, "{${apiKey}}", "{k1}"),
        (38, A, "${ apiKey }", same),
        (
            39,
            A,
            "${awsSigV4(AKID, SECRET, us-east-1, iam)}",
            "AWS4-HMAC-SHA256 Credential=AKID/20240506/us-east-1/iam/aws4_request, SignedHeaders=host;x-amz-date, \
             Signature=10b7c1217a27c5bfa90a784187aab89522060e350a071273dd3270ee53cfe3c5",
        ),
    ];
    for (number, modes, template, expected) in vectors {
        for mode in *modes {
            let expected = if *expected == same { *template } else { *expected };
            assert_eq!(render(*mode, template), expected, "vector {number} in mode {mode:?}");
        }
    }
}

#[test]
fn an_absent_endpoint_is_empty_in_the_modes_that_say_so() {
    let template = Template::parse("<${endpoint}>");
    assert_eq!(template.render(Mode::Proxy, &Context::timeless()).text, "<>");
    assert_eq!(template.render(Mode::Tree, &Context::timeless()).text, "<>");
    assert_eq!(template.render(Mode::Flat, &Context::timeless()).text, "<${endpoint}>");
}

#[test]
fn a_fingerprint_is_known_in_mode_a_only() {
    // RFC 8410 section 10.3: an Ed25519 private key.
    let pem = "-----BEGIN PRIVATE KEY-----\\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\\n-----END PRIVATE KEY-----";
    let values = json!({ "key": pem });
    let context = Context::timeless().flat(values.as_object().unwrap());
    let template = Template::parse("${fingerprint(${key})}");
    assert!(template.render(Mode::Flat, &context).text.starts_with("SHA256:"));
    assert_eq!(template.render(Mode::Proxy, &context).text, template.source());
}

#[test]
fn an_ed25519_signature_takes_a_key_without_line_breaks() {
    let bare =
        json!({"key": "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC", "bad": "nonsense"});
    let context = Context::timeless().flat(bare.as_object().unwrap());
    let signed = Template::parse("${ed25519Sign(a, b, ${key})}").render(Mode::Proxy, &context);
    assert_eq!(signed.missing, Vec::<String>::new());
    assert_eq!(signed.text.len(), 88);
    for broken in ["${ed25519Sign(a, ${bad})}", "${ed25519Sign(, ${key})}", "${ed25519Sign(${nope}, ${key})}"]
    {
        assert_eq!(Template::parse(broken).render(Mode::Proxy, &context).text, broken);
    }
}

#[test]
fn canonical_parameters_are_sorted_and_encoded() {
    use dovetail_catalog::template::canonical_query;
    assert_eq!(canonical_query("b=2&a=x+y&c=%2a&a=1"), "a=x%20y&a=1&b=2&c=%2A");
    assert_eq!(canonical_query("q=a!b(c)d*e"), "q=a%21b%28c%29d%2Ae");
    assert_eq!(canonical_query("e=a@b.c"), "e=a%40b.c");
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("${"),
            Just("}"),
            Just(")}"),
            Just("${base64("),
            Just("${hmacSha1Hex("),
            Just("${awsSigV4("),
            Just("${sha256Hex("),
            Just("${ed25519Sign("),
            Just("${fingerprint("),
            Just("||"),
            Just(","),
            Just("${now"),
            Just(":YYYY"),
            Just("+9223372036854775807:years:"),
            Just("-1:months:"),
            Just("${random}"),
            Just("${a}"),
            Just("${connectionConfig."),
            Just("x"),
            Just(" "),
            Just("é"),
            Just("$"),
            Just("["),
            Just("]"),
        ];
        prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn no_template_panics(text in prop_oneof![pieces(), ".{0,60}"]) {
            let values = json!({"a": "1", "b": {"c": [1, "2"]}});
            let moment = moment();
            let context = Context::new(&moment).flat(values.as_object().unwrap()).connection_config(values.as_object().unwrap());
            for mode in [Mode::Flat, Mode::Tree, Mode::Proxy] {
                let _rendered = Template::parse(text.clone()).render(mode, &context);
            }
            let _names = Template::parse(text).names().len();
        }

        #[test]
        fn a_text_without_placeholders_stays(text in "[^$|]{0,60}") {
            let rendered = Template::parse(text.clone()).render(Mode::Proxy, &Context::timeless());
            prop_assert_eq!(rendered.text, text);
        }

        #[test]
        fn a_value_is_never_expanded(value in pieces()) {
            let values = json!({"v": value, "a": "EXPANDED"});
            let context = Context::timeless().flat(values.as_object().unwrap());
            for mode in [Mode::Flat, Mode::Tree, Mode::Proxy] {
                let rendered = Template::parse("<${v}>").render(mode, &context);
                prop_assert_eq!(&rendered.text, &format!("<{value}>"));
            }
            let twice = Template::parse("${base64(${v})}").render(Mode::Proxy, &context).text;
            use base64::Engine as _;
            prop_assert_eq!(twice, base64::engine::general_purpose::STANDARD.encode(&value));
        }
    }

    #[test]
    fn deep_nesting_ends_as_text() {
        for text in
            ["${base64(".repeat(5_000), format!("{}x{}", "${base64(".repeat(5_000), ")}".repeat(5_000))]
        {
            let rendered = Template::parse(text.clone()).render(Mode::Flat, &Context::timeless());
            assert!(!rendered.text.is_empty());
        }
        let value = Value::String("x".to_owned());
        assert_eq!(
            Template::parse("${a.b.c}").render(Mode::Flat, &Context::timeless().json("a", &value)).text,
            "${a.b.c}"
        );
    }
}
