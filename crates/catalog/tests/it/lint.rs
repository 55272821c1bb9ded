//! `dovetail catalog lint`: the repository is clean, and every rule finds what it forbids.

use std::{fs, path::Path};

use dovetail_catalog::{LintFinding, Scaffold, ScaffoldMode, lint, scaffold};

fn write(root: &Path, file: &str, text: &str) {
    let path = root.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn findings(files: &[(&str, &str)]) -> Vec<LintFinding> {
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in files {
        write(folder.path(), file, text);
    }
    let prefix = format!("{}/", folder.path().display());
    let mut found = lint(folder.path()).unwrap().findings;
    for finding in &mut found {
        finding.file = finding.file.replace(&prefix, "");
    }
    found
}

/// `file:line: key: problem` of one definition.
fn told(definition: &str) -> Vec<String> {
    findings(&[("mine/provider.yaml", definition)])
        .into_iter()
        .map(|finding| format!("{}: {}: {}", finding.line, finding.key, finding.problem))
        .collect()
}

const HEAD: &str = "display_name: Mine\ndocs: /guides/mine\ncategories: [crm]\nauth_mode: API_KEY\n";
const KEY: &str = "credentials:\n  apiKey:\n    type: string\n    title: API key\n    description: A key.\n    secret: true\n";
const PROXY: &str = "proxy:\n  base_url: https://a.test\n  headers:\n    authorization: Bearer ${apiKey}\n";

fn definition(proxy: &str, rest: &str) -> String {
    format!("{HEAD}{proxy}{rest}")
}

#[test]
fn the_catalogue_of_the_repository_is_clean() {
    let outcome = lint(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalog"))).unwrap();
    let told: Vec<String> = outcome.findings.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "{} findings:\n{}", told.len(), told.join("\n"));
    assert!(outcome.providers >= 46 && outcome.guides >= 45);
}

#[test]
fn a_sound_definition_has_no_finding() {
    assert_eq!(told(&definition(PROXY, KEY)), Vec::<String>::new());
}

#[test]
fn every_rule_about_definitions_finds_what_it_forbids() {
    let config = |name: &str, lines: &str| {
        format!(
            "{KEY}connection_config:\n  {name}:\n    type: string\n    title: T\n    description: D.\n{lines}"
        )
    };
    let cases: Vec<(String, &str)> = vec![
        (definition("proxi: {}\n", KEY), "5: : unknown field `proxi`"),
        (
            definition(&PROXY.replace("${apiKey}", "${apiKey}${connectionConfig.nope}"), KEY),
            "8: proxy.headers.authorization: nothing supplies `${connectionConfig.nope}`",
        ),
        (
            definition(&PROXY.replace("https://a.test", "http://a.test"), KEY),
            "6: proxy.base_url: `http://a.test` is not absolute https",
        ),
        (
            definition("proxy:\n  base_url: https://a.test\n", KEY),
            "5: proxy: the key is asked for and never sent",
        ),
        (
            definition(
                PROXY,
                "credentials:\n  apiKey:\n    type: string\n    title: API key\n    secret: true\n",
            ),
            "10: credentials.apiKey: it is shown and has no description",
        ),
        (
            definition(PROXY, &KEY.replace("    secret: true\n", "")),
            "10: credentials.apiKey: its name says secret, but it is not marked so",
        ),
        (
            definition(PROXY, ""),
            "1: credentials.apiKey: the form asks for `apiKey`, and the definition says nothing about it",
        ),
        (
            definition(PROXY, &config("site", "    pattern: '^[a-z]+$'\n    example: A1\n")),
            "21: connection_config.site.example: its own rules refuse `A1`: it does not have the expected form",
        ),
        (
            definition(PROXY, &config("site", "    pattern: '('\n")),
            "20: connection_config.site.pattern: pattern does not compile",
        ),
        (
            definition(&PROXY.replace("a.test", "${connectionConfig.site}"), &config("site", "")),
            "16: connection_config.site: it becomes part of a host, and anything may be typed into it",
        ),
        (
            definition(&format!("{PROXY}  verification:\n    endpoints: []\n"), KEY),
            "10: proxy.verification.endpoints: needs at least one endpoint",
        ),
        (
            definition(&format!("{PROXY}  verification:\n    endpoints: [https://b.test/me]\n"), KEY),
            "10: proxy.verification.endpoints: `https://b.test/me` is no path",
        ),
        (
            definition(&format!("{PROXY}  verification:\n    endpoints: [/me]\n    data: {{a: 1}}\n"), KEY),
            "9: proxy.verification: a GET sends no `data`",
        ),
        (
            "display_name: Mine\ndocs: /d\nauth_mode: OAUTH2\nauthorization_url: https://a.test/x\n"
                .to_owned(),
            "3: auth_mode: OAUTH2 needs `token_url`: where the code is exchanged",
        ),
        (
            "display_name: Mine\ndocs: /d\nalias: nobody\n".to_owned(),
            "3: alias: there is no provider `nobody`",
        ),
        (
            "display_name: Mine\ndocs: mine\nauth_mode: NONE\n".to_owned(),
            "2: docs: `mine` is no https address and no path of this server",
        ),
    ];
    for (definition, expected) in cases {
        let told = told(&definition);
        assert!(told.iter().any(|told| told.starts_with(expected)), "{expected}\n{told:#?}\n{definition}");
    }
}

#[test]
fn an_alias_is_not_told_what_its_target_is_told() {
    let bad = definition(&PROXY.replace("https://a.test", "http://a.test"), KEY);
    let found = findings(&[
        ("mine/provider.yaml", &bad),
        ("twin/provider.yaml", "display_name: Twin\ndocs: /d\nalias: mine\n"),
        (
            "other/provider.yaml",
            "display_name: Other\ndocs: /d\nalias: mine\nproxy:\n  base_url: http://b.test\n",
        ),
    ]);
    let files: Vec<_> = found.iter().map(|finding| (finding.file.as_str(), finding.line)).collect();
    assert_eq!(
        files,
        [("mine/provider.yaml", 6), ("other/provider.yaml", 4), ("other/provider.yaml", 5)],
        "{found:#?}"
    );
}

#[test]
fn circles_of_aliases_are_told() {
    let found = findings(&[
        ("one/provider.yaml", "display_name: One\ndocs: /d\nalias: two\n"),
        ("two/provider.yaml", "display_name: Two\ndocs: /d\nalias: one\n"),
    ]);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].problem.contains("leads back") && found[0].line == 3);
}

#[test]
fn every_rule_about_guides_finds_what_it_forbids() {
    let sound = definition(PROXY, &format!("{KEY}    doc_section: '#get-key'\n"));
    let guide = |steps: &str| format!("provider: mine\ncovers: [mine]\nsteps:\n{steps}");
    let step =
        "  - id: get-key\n    title: Get the key\n    gives: [credentials.apiKey]\n    do: [\"Copy it.\"]\n";
    let run = |guide: &str| findings(&[("mine/provider.yaml", &sound), ("mine/guide.yaml", guide)]);
    assert_eq!(run(&guide(step)), Vec::new());
    for (text, expected) in [
        (guide(&step.replace("get-key", "make-key")), "`#get-key` is no step of the guide"),
        (
            guide(&step.replace("credentials.apiKey", "credentials.key")),
            "no step gives `credentials.apiKey`, which the form of `mine` asks for",
        ),
        (
            guide(&step.replace("credentials.apiKey", "credentials.key")),
            "it gives `credentials.key`, which no form it covers asks for",
        ),
        (guide(&step.replace("Copy it.", "Please copy it!")), "`Please copy it!` is not our voice"),
        (guide(&format!("{step}{}", step.replace("get-key", "again"))), "2 steps give `credentials.apiKey`"),
        (guide(step).replace("covers: [mine]", "covers: [mine, nobody]"), "there is no provider `nobody`"),
        (guide(&step.replace("do:", "doo:")), "unknown field `doo`"),
    ] {
        let found = run(&text);
        assert!(found.iter().any(|finding| finding.problem.starts_with(expected)), "{expected}\n{found:#?}");
        assert!(found.iter().all(|finding| finding.line > 0 && !finding.mend.is_empty()), "{found:#?}");
    }
}

#[test]
fn a_definition_that_cannot_be_read_is_told_once_with_the_key_that_was_meant() {
    let broken = definition("proxi: {}\n", KEY);
    let guide = "provider: mine\ncovers: [mine]\nsteps:\n  - id: a\n    title: Get\n    gives: [credentials.apiKey]\n    do: [\"Go.\"]\n";
    let found = findings(&[("mine/provider.yaml", &broken), ("mine/guide.yaml", guide)]);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].mend, "Did you mean `proxy`?");
}

#[test]
fn scopes_and_strays_are_looked_at() {
    let oauth = "display_name: Mine\ndocs: /d\nauth_mode: OAUTH2\nauthorization_url: https://a.test/a\ntoken_url: https://a.test/t\n";
    let found = findings(&[
        ("mine/provider.yaml", oauth),
        ("mine/scopes.yaml", "source: https://a.test/scopes\nscopes:\n  - a\n  - b\n  - a\n"),
        ("mine/provider.yml", ""),
        ("nobody/scopes.yaml", "scopes: [a]\n"),
    ]);
    let told: Vec<_> = found.iter().map(|finding| finding.problem.as_str()).collect();
    assert_eq!(told, ["nothing reads this file", "`a` occurs twice", "there is no provider `nobody`"]);
}

#[test]
fn what_is_scaffolded_passes() {
    let config = vec![("subDomain".to_owned(), "^[a-z]+$".to_owned(), "acme".to_owned())];
    for mode in [
        ScaffoldMode::ApiKey,
        ScaffoldMode::Basic,
        ScaffoldMode::Oauth2,
        ScaffoldMode::Oauth2Cc,
        ScaffoldMode::None,
    ] {
        let answers = Scaffold {
            name: "Acme \"CRM\"".to_owned(),
            category: "crm".to_owned(),
            mode,
            base_url: "https://${connectionConfig.subDomain}.acme.test/v1".to_owned(),
            header: "X-Key: ${apiKey}".to_owned(),
            authorization_url: if mode == ScaffoldMode::Oauth2 { "https://acme.test/a" } else { "" }
                .to_owned(),
            token_url: if matches!(mode, ScaffoldMode::Oauth2 | ScaffoldMode::Oauth2Cc) {
                "https://acme.test/t"
            } else {
                ""
            }
            .to_owned(),
            verification: "/me".to_owned(),
            docs: "https://acme.test/docs".to_owned(),
            config: config.clone(),
        };
        assert_eq!(answers.config_names(), ["subDomain"]);
        let files = scaffold("acme-crm", &answers).unwrap();
        let (provider, guide) = (files.provider.unwrap(), files.guide.unwrap());
        let found = findings(&[("acme-crm/provider.yaml", &provider), ("acme-crm/guide.yaml", &guide)]);
        assert_eq!(found, Vec::new(), "{mode:?}\n{provider}\n{guide}");
    }
}
