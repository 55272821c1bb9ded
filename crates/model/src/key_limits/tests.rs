use proptest::prelude::*;

use super::*;

fn limits(text: &str) -> KeyLimits {
    serde_json::from_str(text).unwrap()
}

#[test]
fn absent_means_unlimited() {
    let none = KeyLimits::default();
    assert!(none.is_none() && !none.narrows_reach());
    assert_eq!(serde_json::to_string(&none).unwrap(), "{}");
    for act in
        [Act::Secrets, Act::Environment, Act::Steer(Steering::BaseUrl), Act::Send { method: "X", path: "//" }]
    {
        assert_eq!(none.permits(Timestamp(0), act), Ok(()), "{act:?}");
    }
}

#[test]
fn what_a_later_version_limits_is_not_read_as_unlimited() {
    assert!(serde_json::from_str::<KeyLimits>(r#"{"countries": ["is"]}"#).is_err());
}

#[test]
fn limits_that_permit_nothing_or_too_much_are_refused() {
    for (text, told) in [
        (r#"{"integrations": []}"#, "`integrations` is empty: name at least one, or leave it out"),
        (r#"{"methods": []}"#, "`methods` is empty: name at least one, or leave it out"),
        (r#"{"paths": []}"#, "`paths` is empty: name at least one, or leave it out"),
        (r#"{"integrations": ["a/b"]}"#, "`a/b` cannot be the key of an integration"),
        (r#"{"requests_per_minute": 1000001}"#, "`requests_per_minute` is larger than 1000000"),
    ] {
        assert_eq!(limits(text).validated().unwrap_err().to_string(), told);
    }
    assert!(serde_json::from_str::<KeyLimits>(r#"{"requests_per_minute": 0}"#).is_err());
}

#[test]
fn limits_of_calls_hide_the_credentials_too() {
    for text in [r#"{"methods": ["GET"]}"#, r#"{"paths": ["/a"]}"#, r#"{"use_only": true}"#] {
        assert_eq!(limits(text).permits(Timestamp(0), Act::Secrets), Err(Refusal::Secrets), "{text}");
    }
    assert_eq!(limits(r#"{"integrations": ["a"]}"#).permits(Timestamp(0), Act::Secrets), Ok(()));
}

#[test]
fn each_limit_has_its_refusal() {
    let tags = Tags::parse([("team", "ops")]).unwrap();
    let all = limits(
        r#"{"integrations": ["coda"], "tags": {"team": "ops"}, "methods": ["GET"], "paths": ["/docs/*"],
            "expires_at": "1970-01-01T00:00:01Z", "use_only": true}"#,
    );
    let acts = [
        Act::Integration { key: "coda" },
        Act::Integration { key: "linear" },
        Act::OwnIntegration { key: "coda" },
        Act::ChangeIntegration { key: "coda" },
        Act::Connection { integration: "coda", tags: &tags },
        Act::Connection { integration: "coda", tags: &Tags::NONE },
        Act::Send { method: "GET", path: "/docs/1" },
        Act::Send { method: "get", path: "/docs/1" },
        Act::Send { method: "POST", path: "/docs/1" },
        Act::Send { method: "GET", path: "/admin" },
        Act::Send { method: "GET", path: "/docs/%2e%2e" },
        Act::Steer(Steering::BaseUrl),
        Act::Steer(Steering::ForeignHeaders),
        Act::Steer(Steering::Placeholder),
        Act::Steer(Steering::Method),
        Act::Steer(Steering::Path),
        Act::Secrets,
        Act::Environment,
    ];
    let mut told: Vec<String> = acts
        .iter()
        .map(|act| match all.permits(Timestamp(999), *act) {
            Ok(()) => "permitted".to_owned(),
            Err(refusal) => refusal.to_string(),
        })
        .collect();
    told.push(all.permits(Timestamp(1000), Act::Plain).unwrap_err().to_string());
    insta::assert_snapshot!(told.join("\n"));
}

fn some_keys() -> impl Strategy<Value = BTreeSet<String>> {
    prop::collection::btree_set("[ab]", 1..3)
}

fn some_tags() -> impl Strategy<Value = Tags> {
    prop::collection::btree_map("[kl]", "[12]", 0..3).prop_map(|tags| Tags::parse(tags).unwrap())
}

fn some_method() -> impl Strategy<Value = CallMethod> {
    prop::sample::select(&CallMethod::ALL)
}

fn some_pattern() -> impl Strategy<Value = PathPattern> {
    ("(/[abc%*]){0,3}", any::<bool>()).prop_map(|(text, open)| {
        let text = text.replace("/*", "/STAR").replace('%', "%25").replace("STAR", "*");
        format!(
            "{text}{}",
            if open {
                "/**"
            } else if text.is_empty() {
                "/"
            } else {
                ""
            }
        )
        .parse()
        .unwrap()
    })
}

prop_compose! {
    fn some_limits()(
        integrations in prop::option::of(some_keys()),
        tags in some_tags(),
        methods in prop::option::of(prop::collection::btree_set(some_method(), 1..4)),
        paths in prop::option::of(prop::collection::btree_set(some_pattern(), 1..4)),
        expires_at in prop::option::of((0_i64..4).prop_map(Timestamp)),
        requests_per_minute in prop::option::of((1_u32..9).prop_map(|rate| NonZeroU32::new(rate).unwrap())),
        use_only in any::<bool>(),
    ) -> KeyLimits {
        KeyLimits { integrations, tags, methods, paths, expires_at, requests_per_minute, use_only }
    }
}

/// An act that owns what it names.
#[derive(Clone, Debug)]
struct Wish {
    kind: usize,
    key: String,
    tags: Tags,
    method: String,
    path: String,
    at: Timestamp,
}

prop_compose! {
    fn some_wish()(
        kind in 0_usize..13,
        key in "[ab]",
        tags in some_tags(),
        method in "GET|POST|DELETE|TRACE|get",
        path in "(/[abc]|/%25|/%2e%2e|/|/%2F){0,4}",
        at in (0_i64..4).prop_map(Timestamp),
    ) -> Wish {
        Wish { kind, key, tags, method, path: format!("/{}", path.trim_start_matches('/')), at }
    }
}

impl Wish {
    fn act(&self) -> Act<'_> {
        let key = &*self.key;
        match self.kind {
            0 => Act::Plain,
            1 => Act::Integration { key },
            2 => Act::OwnIntegration { key },
            3 => Act::ChangeIntegration { key },
            4 => Act::Connection { integration: key, tags: &self.tags },
            5 => Act::Steer(Steering::BaseUrl),
            6 => Act::Steer(Steering::ForeignHeaders),
            7 => Act::Steer(Steering::Placeholder),
            8 => Act::Steer(Steering::Method),
            9 => Act::Steer(Steering::Path),
            10 => Act::Secrets,
            11 => Act::Environment,
            _ => Act::Send { method: &self.method, path: &self.path },
        }
    }

    fn granted_by(&self, limits: &KeyLimits) -> bool {
        limits.permits(self.at, self.act()).is_ok()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 768, ..ProptestConfig::default() })]

    #[test]
    fn a_narrower_key_never_can_more(a in some_limits(), b in some_limits(), wish in some_wish()) {
        let narrower = a.narrowed(&b);
        if wish.granted_by(&narrower) {
            prop_assert!(wish.granted_by(&a) && wish.granted_by(&b), "{narrower:?}");
        }
        prop_assert!(narrower.requests_per_minute <= a.requests_per_minute || a.requests_per_minute.is_none());
    }

    #[test]
    fn narrowing_takes_no_more_than_it_must(a in some_limits(), b in some_limits(), wish in some_wish()) {
        if a.tags.united(&b.tags).is_some() && wish.granted_by(&a) && wish.granted_by(&b) {
            prop_assert!(wish.granted_by(&a.narrowed(&b)));
        }
    }

    #[test]
    fn narrowing_does_not_care_for_order_and_changes_nothing_twice(a in some_limits(), b in some_limits(), wish in some_wish()) {
        prop_assert_eq!(a.narrowed(&KeyLimits::default()), a.clone());
        prop_assert_eq!(wish.granted_by(&a.narrowed(&a)), wish.granted_by(&a));
        prop_assert_eq!(wish.granted_by(&a.narrowed(&b)), wish.granted_by(&b.narrowed(&a)));
    }

    #[test]
    fn sealing_is_being_narrowed(a in some_limits(), wish in some_wish()) {
        let both = wish.granted_by(&a) && wish.granted_by(&KeyLimits::SEALED);
        prop_assert_eq!(wish.granted_by(&a.narrowed(&KeyLimits::SEALED)), both);
    }

    #[test]
    fn limits_read_back(a in some_limits(), b in some_limits()) {
        for limits in [&a, &a.narrowed(&b)] {
            let text = serde_json::to_string(limits).unwrap();
            prop_assert_eq!(&serde_json::from_str::<KeyLimits>(&text).unwrap(), limits);
        }
    }

    #[test]
    fn a_pattern_reads_back_or_is_refused(text in "\\PC{0,40}|/[a-z%2f.*;/ ]{0,20}") {
        if let Ok(pattern) = text.parse::<PathPattern>() {
            prop_assert_eq!(pattern.to_string().parse::<PathPattern>(), Ok(pattern));
        }
    }

    /// Whatever is permitted, a service that decodes once more, cuts parameters or merges slashes sees the same path.
    #[test]
    fn a_permitted_path_has_one_meaning(path in "/(a|b|%2e|\\.|%2f|%5c|;|%25|2e|/){0,8}") {
        let limits = limits(r#"{"paths": ["/a/**"]}"#);
        if limits.permits(Timestamp(0), Act::Send { method: "GET", path: &path }).is_ok() {
            let twice = percent_encoding::percent_decode_str(&path).decode_utf8_lossy().into_owned();
            let thrice = percent_encoding::percent_decode_str(&twice).decode_utf8_lossy().into_owned();
            for read in [&path, &twice, &thrice] {
                prop_assert!(read.starts_with("/a/") || read == "/a", "{read}");
                for part in read.split('/') {
                    prop_assert!(!matches!(part.split(';').next(), Some("." | "..")), "{read}");
                }
                prop_assert!(!read.contains("//") && !read.contains('\\'), "{read}");
            }
        }
    }
}
