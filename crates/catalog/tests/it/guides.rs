//! Guides: assembled, generated, as markdown.

use dovetail_catalog::{CatalogHandle, FieldGroup, GuideSource, MarkdownContext};

use crate::support::embedded;

#[test]
fn a_written_guide_ends_with_the_values_to_enter() {
    let guide = embedded().guide_for("zendesk-api-key").unwrap();
    let last = guide.steps.last().unwrap();
    assert_eq!(last.title, "Enter the values");
    assert_eq!(
        last.actions,
        [
            "Enter the **Zendesk subdomain**.",
            "Enter the **Email address**.",
            "Paste the **API token**.",
            "Press **Link account**. The values are checked at once.",
        ]
    );
    assert!(guide.step_for(FieldGroup::ConnectionConfig, "subdomain").is_some());
    assert!(guide.step_for(FieldGroup::Credentials, "nothing").is_none());
}

#[test]
fn a_provider_without_a_text_gets_steps_from_its_fields() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("plain-made-up");
    std::fs::create_dir(&home).unwrap();
    let yaml = "display_name: Plain\ndocs: /d\nauth_mode: API_KEY\ncredentials:\n  apiKey: {type: string, title: API key, description: It is in the settings., example: pl_123}\nconnection_config:\n  sub: {type: string, title: Subdomain, example: acme, prefix: 'https://', suffix: .plain.test, order: 1, doc_section: '#old-anchor'}\n  zone: {type: string, title: Zone, enum: [eu, us], order: 2}\n";
    std::fs::write(home.join("provider.yaml"), yaml).unwrap();
    let guide =
        CatalogHandle::open(Some(folder.path().to_owned())).current().guide_for("plain-made-up").unwrap();
    assert_eq!(guide.source, GuideSource::FromFields);
    insta::assert_snapshot!(
        guide.markdown(&MarkdownContext { index_url: Some("https://x.test/llms.txt"), product: Some("Acme") }),
        @r"
    > All guides are listed at https://x.test/llms.txt

    # Plain: How do I link my account?

    ## What you need

    - Plain account

    ## Step 1: Find the Subdomain

    1. Find the **Subdomain** in your Plain account.
    2. It is the part `acme` of `https://acme.plain.test`.

    You now have: **Subdomain**.

    ## Step 2: Find the Zone

    1. Find out which **Zone** your Plain account has.
    2. Possible values: eu, us.

    You now have: **Zone**.

    ## Step 3: Find the API key

    1. Find the **API key** in your Plain account.
    2. It is in the settings.
    3. It looks like `pl_123`.

    You now have: **API key**.

    ## Step 4: Enter the values

    In the form that Acme showed you:

    1. Enter the **Subdomain**.
    2. Choose the **Zone**.
    3. Paste the **API key**.
    4. Press **Link account**. The values are checked at once.
    "
    );
    assert_eq!(guide.step_by_anchor("#old-anchor").unwrap().id, "find-subdomain");
}

#[test]
fn an_unknown_provider_has_no_guide() {
    assert!(embedded().guide_for("nobody").is_none());
}
