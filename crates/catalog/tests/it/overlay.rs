//! The operator's folder: what wins, what is refused, what stays in force.

use std::{fs, path::Path, time::Duration};

use dovetail_catalog::CatalogHandle;
use tokio_util::sync::CancellationToken;

fn write(root: &Path, file: &str, text: &str) {
    let path = root.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn name(handle: &CatalogHandle, id: &str) -> Option<String> {
    handle.current().get(id).map(|provider| provider.display_name.clone())
}

fn problems(handle: &CatalogHandle, root: &Path) -> Vec<String> {
    let prefix = format!("{}/", root.display());
    handle.problems().iter().map(|problem| problem.to_string().replace(&prefix, "")).collect()
}

const GOOD: &str = "display_name: Mine\ndocs: /d\nauth_mode: API_KEY\n";

#[test]
fn the_folder_wins_over_the_list_and_both_over_the_binary() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(
        root,
        "providers.yaml",
        "coda:\n  display_name: Listed\n  docs: /d\n  auth_mode: API_KEY\nlisted:\n  display_name: Only listed\n  docs: /d\n  auth_mode: NONE\n",
    );
    let handle = CatalogHandle::open(Some(root.to_owned()));
    assert_eq!(name(&handle, "coda").as_deref(), Some("Listed"));
    write(root, "coda/provider.yaml", GOOD);
    handle.reload();
    assert_eq!(name(&handle, "coda").as_deref(), Some("Mine"));
    assert_eq!(name(&handle, "listed").as_deref(), Some("Only listed"));
    assert!(name(&handle, "ordinal").is_some());
    fs::remove_dir_all(root.join("coda")).unwrap();
    fs::remove_file(root.join("providers.yaml")).unwrap();
    handle.reload();
    assert_eq!(name(&handle, "coda").as_deref(), Some("Coda"));
}

#[test]
fn a_single_file_of_many_definitions_is_an_overlay_too() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "all.yaml", &format!("mine:\n  {}", GOOD.trim_end().replace('\n', "\n  ")));
    let handle = CatalogHandle::open(Some(folder.path().join("all.yaml")));
    assert_eq!(name(&handle, "mine").as_deref(), Some("Mine"));
}

#[test]
fn a_bad_file_is_named_with_line_and_reason_and_the_last_good_stays() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "mine/provider.yaml", GOOD);
    let handle = CatalogHandle::open(Some(root.to_owned()));
    for (text, expected) in [
        ("display_name: New\ndocs: /d\nauth_mode: API_KEY\nproxi: {}\n", "mine/provider.yaml:4: "),
        ("display_name: New\ndocs: /d\nauth_mode: APIKEY\n", "mine/provider.yaml:3: "),
        ("display_name: New\ndocs: /d\nauth_mode: API_KEY\ndisable_pkce: 3\n", "mine/provider.yaml:4: "),
        ("display_name: [\n", "mine/provider.yaml:"),
        (
            "display_name: New\ndocs: /d\nauth_mode: API_KEY\ncredentials:\n  apiKey:\n    type: string\n    title: K\n    pattern: '('\n",
            "mine/provider.yaml:8: credentials.apiKey.pattern: ",
        ),
        (
            "display_name: New\ndocs: /d\nauth_mode: API_KEY\nproxy:\n  base_url: ftp://x\n",
            "mine/provider.yaml:5: proxy.base_url: ",
        ),
        (
            "display_name: New\ndocs: /d\nauth_mode: API_KEY\nproxy: {base_url: 'https://x', headers: {X-A: b}}\n",
            "mine/provider.yaml:4: proxy.headers.X-A: ",
        ),
        (
            "display_name: New\ndocs: /d\nauth_mode: API_KEY\nproxy:\n  base_url: 'https://x/${now+1:fortnight:X}'\n",
            "mine/provider.yaml:5: ",
        ),
        (
            "display_name: New\ndocs: /d\nalias: nobody\n",
            "mine/provider.yaml: alias: there is no provider `nobody`",
        ),
        ("display_name: New\ndocs: /d\n", "mine/provider.yaml: auth_mode: is missing"),
    ] {
        write(root, "mine/provider.yaml", text);
        handle.reload();
        let told = problems(&handle, root);
        assert!(told.iter().any(|problem| problem.starts_with(expected)), "{expected:?} is not in {told:?}");
        assert_eq!(name(&handle, "mine").as_deref(), Some("Mine"), "{text}");
    }
    write(root, "mine/provider.yaml", &GOOD.replace("Mine", "Mended"));
    handle.reload();
    assert_eq!(problems(&handle, root), Vec::<String>::new());
    assert_eq!(name(&handle, "mine").as_deref(), Some("Mended"));
}

#[test]
fn a_bad_entry_of_a_list_is_told_with_its_line_and_its_neighbours_are_taken() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let list = |two: &str| {
        format!(
            "---\n# ours\none:\n  display_name: One\n  docs: /d\n  auth_mode: NONE\n\ntwo:\n  display_name: Two\n  docs: /d\n  auth_mode: NONE\n{two}\n'three':\n  alias: one\n  display_name: Three\n  docs: /d\n"
        )
    };
    write(root, "providers.yaml", &list("  categories: [nonsense]"));
    let handle = CatalogHandle::open(Some(root.to_owned()));
    assert_eq!(problems(&handle, root), ["providers.yaml:12: two.categories: unknown category `nonsense`"]);
    assert_eq!(name(&handle, "one").as_deref(), Some("One"));
    assert_eq!(name(&handle, "two"), None);
    assert_eq!(handle.current().get("three").unwrap().auth_mode().as_str(), "NONE");

    write(root, "providers.yaml", &list("  categories: [crm]"));
    handle.reload();
    assert_eq!(problems(&handle, root), Vec::<String>::new());
    for (broken, line) in
        [("  proxi: {}", 12), ("  proxy: [", 12), ("  alias: nobody", 8), ("  docs: again", 12)]
    {
        write(root, "providers.yaml", &list(broken).replace("One", "Uno"));
        handle.reload();
        let found = problems(&handle, root);
        assert_eq!(found.len(), 1, "{broken}: {found:?}");
        assert!(found[0].starts_with(&format!("providers.yaml:{line}: two")), "{broken}: {found:?}");
        assert_eq!(name(&handle, "two").as_deref(), Some("Two"), "the last good reading stays in force");
        assert_eq!(name(&handle, "one").as_deref(), Some("Uno"), "the rest of the file is taken");
    }
}

#[test]
fn a_list_with_anchors_is_read_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "providers.yaml",
        "one:\n  display_name: One\n  docs: /d\n  auth_mode: NONE\n  categories: &shelves [crm]\ntwo:\n  display_name: Two\n  docs: /d\n  auth_mode: NONE\n  categories: *shelves\n",
    );
    let handle = CatalogHandle::open(Some(folder.path().to_owned()));
    assert_eq!(problems(&handle, folder.path()), Vec::<String>::new());
    assert_eq!(handle.current().listing("two").unwrap().categories().collect::<Vec<_>>(), ["crm"]);
}

#[test]
fn a_list_that_names_an_id_twice_keeps_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let entry = |name: &str| format!("one:\n  display_name: {name}\n  docs: /d\n  auth_mode: NONE\n");
    write(folder.path(), "providers.yaml", &(entry("First") + &entry("Second")));
    let handle = CatalogHandle::open(Some(folder.path().to_owned()));
    assert_eq!(name(&handle, "one").as_deref(), Some("First"));
    assert_eq!(
        problems(&handle, folder.path()),
        ["providers.yaml:5: one: occurs twice; the first one counts"]
    );
}

#[test]
fn scopes_are_laid_over_too() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "coda/scopes.yaml", "source: https://coda.io/developers\nscopes: [a:read, b]\n");
    let handle = CatalogHandle::open(Some(folder.path().to_owned()));
    assert_eq!(handle.current().available_scopes("coda"), ["a:read", "b"]);
    assert!(handle.current().available_scopes("ordinal").is_empty());
    write(folder.path(), "coda/scopes.yaml", "source: coda.io\nscopes: [x]\n");
    handle.reload();
    assert_eq!(problems(&handle, folder.path()).len(), 1);
    assert_eq!(handle.current().available_scopes("coda"), ["a:read", "b"]);
}

#[test]
fn aliases_resolve_along_the_chain_and_circles_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "providers.yaml",
        "a:\n  display_name: A\n  docs: /d\n  alias: b\n  proxy: {base_url: https://a.test}\nb:\n  display_name: B\n  docs: /d\n  alias: c\n  scope_separator: ','\nc:\n  display_name: C\n  docs: /d\n  auth_mode: OAUTH2\n  webhook_routing_script: cWebhookRouting\n  proxy: {base_url: https://c.test, headers: {x: y}}\nd:\n  display_name: D\n  docs: /d\n  alias: c\n  webhook_routing_script: ''\n",
    );
    let handle = CatalogHandle::open(Some(folder.path().to_owned()));
    assert_eq!(problems(&handle, folder.path()), Vec::<String>::new());
    let catalog = handle.current();
    let a = catalog.get("a").unwrap();
    assert_eq!((a.display_name.as_str(), a.scope_separator.as_deref()), ("A", Some(",")));
    assert_eq!(a.webhook_routing(), Some("cWebhookRouting"));
    assert!(a.proxy.headers.is_empty(), "an alias replaces whole top-level keys");
    assert_eq!(catalog.get("d").unwrap().webhook_routing(), None);

    write(folder.path(), "x/provider.yaml", "display_name: X\ndocs: /d\nalias: y\n");
    write(folder.path(), "y/provider.yaml", "display_name: Y\ndocs: /d\nalias: x\n");
    handle.reload();
    assert_eq!(problems(&handle, folder.path()).len(), 2);
    assert!(handle.current().get("x").is_none() && handle.current().get("a").is_some());
}

#[tokio::test(start_paused = true)]
async fn an_alias_whose_target_comes_later_is_taken_when_it_comes() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "x/provider.yaml", "display_name: X\ndocs: /d\nalias: y\n");
    let handle = CatalogHandle::open(Some(folder.path().to_owned()));
    assert_eq!(handle.problems().len(), 1);
    let cancel = CancellationToken::new();
    let task = tokio::spawn(handle.clone().watch(Duration::from_secs(2), cancel.clone()));
    write(folder.path(), "y/provider.yaml", GOOD);
    followed(|| name(&handle, "x").is_some()).await;
    assert_eq!(*handle.problems(), []);
    cancel.cancel();
    task.await.unwrap();
}

/// Waits, in paused time, until the watcher has seen a change.
async fn followed(done: impl Fn() -> bool) {
    let mut rounds = 0;
    while !done() {
        rounds += 1;
        assert!(rounds < 1_000, "the change was not seen");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

#[test]
fn a_guide_is_laid_over_and_checked() {
    let folder = tempfile::tempdir().unwrap();
    let guide = |gives: &str| {
        format!(
            "provider: coda\ncovers: [coda]\nsteps:\n  - id: one\n    title: One\n    gives: [{gives}]\n    do: [Do it.]\n"
        )
    };
    write(folder.path(), "coda/guide.yaml", &guide("credentials.apiKey"));
    let handle = CatalogHandle::open(Some(folder.path().to_owned()));
    assert_eq!(handle.current().guide_for("coda").unwrap().steps[0].title, "One");
    write(folder.path(), "coda/guide.yaml", &guide("credentials.nothing"));
    handle.reload();
    assert_eq!(problems(&handle, folder.path()).len(), 1);
    assert_eq!(handle.current().guide_for("coda").unwrap().steps[0].title, "One");
}

#[test]
fn a_definition_laid_over_an_older_guide_silences_it() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "coda/provider.yaml", "display_name: Coda\ndocs: /d\nauth_mode: BASIC\n");
    let handle = CatalogHandle::open(Some(folder.path().to_owned()));
    assert_eq!(*handle.problems(), []);
    assert_eq!(handle.current().guide_for("coda").unwrap().source, dovetail_catalog::GuideSource::FromFields);
}

#[test]
fn a_folder_that_is_not_there_is_a_problem_not_a_stop() {
    let handle = CatalogHandle::open(Some("/nonexistent/overlay".into()));
    assert_eq!(handle.problems().len(), 1);
    assert!(handle.current().get("coda").is_some());
}

#[tokio::test(start_paused = true)]
async fn a_change_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let handle = CatalogHandle::open(Some(folder.path().to_owned()));
    let cancel = CancellationToken::new();
    let task = tokio::spawn(handle.clone().watch(Duration::from_secs(2), cancel.clone()));
    write(folder.path(), "mine/provider.yaml", GOOD);
    followed(|| name(&handle, "mine").is_some()).await;
    cancel.cancel();
    task.await.unwrap();
}

#[test]
fn a_logo_is_laid_over_and_must_be_svg() {
    let folder = tempfile::tempdir().unwrap();
    let own = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>"#;
    write(folder.path(), "coda/logo.svg", own);
    write(folder.path(), "asana/logo.svg", "GIF89a");
    let handle = CatalogHandle::open(Some(folder.path().to_owned()));
    assert_eq!(handle.current().logo("coda"), Some(own));
    assert!(handle.current().logo("asana").is_some_and(|logo| logo.contains("<title>Asana")));
    assert_eq!(handle.problems().len(), 1);
    assert!(handle.problems()[0].reason.contains("SVG"), "{:?}", handle.problems());
}
