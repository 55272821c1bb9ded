//! The overlay in the reference's format: the published list of definitions, installed for tests by
//! `make test-deps`, loads entire and makes the requests that ours make, except where `catalog/CORRECTIONS.md` says so.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use dovetail_catalog::outgoing::{self, Call, CallBody, Request};
use dovetail_catalog::{CatalogHandle, Provider};
use serde_json::Map;

use crate::harness::{Linked, World};

const TESTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests");
const ENDPOINT: &str = "/things/7?a=1&b=x%20y";

/// The published list; `None` where nobody installed the npm packages of the tests.
fn published() -> Option<PathBuf> {
    let modules = Path::new(TESTS).join("node_modules");
    let file = modules.join("@nangohq/providers/providers.yaml");
    assert!(!modules.exists() || file.exists(), "npm ci in tests/ installs the published list");
    file.exists().then_some(file)
}

#[test]
fn the_published_list_loads_entire_and_makes_our_requests() {
    let Some(file) = published() else { return };
    let text = fs::read_to_string(&file).unwrap();
    let listed: BTreeSet<&str> = text
        .lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '\'' || c == '"'))
        .filter_map(|line| line.split(':').next())
        .map(|id| id.trim_matches(['\'', '"']))
        .collect();
    let start = tokio::time::Instant::now();
    let handle = CatalogHandle::open(Some(file));
    println!("{} definitions of an overlay read in {:?}", listed.len(), start.elapsed());
    assert_eq!(handle.problems().iter().map(ToString::to_string).collect::<Vec<_>>(), Vec::<String>::new());
    let theirs = handle.current();
    let unread: Vec<&&str> = listed.iter().filter(|id| theirs.get(id).is_none()).collect();
    assert!(listed.len() > 900 && unread.is_empty(), "{unread:?}");

    let world = World::shared();
    let ours = world.catalog.current();
    let corrected = corrections();
    let mut different = BTreeMap::new();
    let mut compared = 0;
    for own in ours.providers().filter(|own| listed.contains(own.id())) {
        let Some(other) = theirs.shared(own.id()) else { continue };
        if own.auth_mode() != other.auth_mode() {
            different
                .insert(own.id().to_owned(), format!("{:?}, there {:?}", own.auth_mode(), other.auth_mode()));
            continue;
        }
        let mut linked = world.linked(&own);
        for (name, value) in world.linked(&other).config {
            linked.config.entry(name).or_insert(value);
        }
        compared += 1;
        if let Some(difference) = difference(world, &own, &other, &linked) {
            different.insert(own.id().to_owned(), difference);
        }
    }
    assert!(compared > 900, "{compared}");
    let unexplained: Vec<String> = different
        .iter()
        .filter(|(id, _)| !corrected.contains(*id))
        .map(|(id, difference)| format!("{id}: {difference}"))
        .collect();
    assert!(
        unexplained.is_empty(),
        "{} entries differ from the published ones and catalog/CORRECTIONS.md does not say why:\n{}",
        unexplained.len(),
        unexplained.join("\n")
    );
}

/// The entries that `catalog/CORRECTIONS.md` names.
fn corrections() -> BTreeSet<String> {
    let text =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalog/CORRECTIONS.md")).unwrap();
    text.lines()
        .filter_map(|line| line.strip_prefix('|')?.split('|').next())
        .flat_map(|cell| cell.split([',', ' ']))
        .map(|id| id.trim_matches(['`', ' ']).to_owned())
        .filter(|id| !id.is_empty())
        .collect()
}

fn difference(world: &World, own: &Provider, other: &Provider, linked: &Linked) -> Option<String> {
    let (own_call, other_call) = (call(world, own, linked), call(world, other, linked));
    if let Some(difference) = unequal("GET", &own_call, &other_call) {
        return Some(difference);
    }
    let (own, other) = (verification(world, own, linked), verification(world, other, linked));
    if own.len() != other.len() {
        return Some(format!("{} verification requests, there {}", own.len(), other.len()));
    }
    own.iter().zip(&other).find_map(|(own, other)| unequal("verification", own, other))
}

type Made = Result<Request, String>;

fn call(world: &World, provider: &Provider, linked: &Linked) -> Made {
    let (moment, metadata) = (world.moment(), Map::new());
    let call = Call {
        provider: Some(provider),
        connection: linked.facts(&metadata),
        integration: linked.integration(),
        method: "GET",
        endpoint: ENDPOINT,
        base_override: None,
        headers: &[],
        body: CallBody::Absent,
        moment: &moment,
        nonce: "nonce",
    };
    outgoing::build(&call).map_err(|error| error.to_string())
}

fn verification(world: &World, provider: &Provider, linked: &Linked) -> Vec<Made> {
    let metadata = Map::new();
    let made = outgoing::verification(
        provider,
        linked.facts(&metadata),
        linked.integration(),
        &world.moment(),
        "nonce",
    );
    match made {
        Ok(requests) => requests.into_iter().map(Ok).collect(),
        Err(error) => vec![Err(error.to_string())],
    }
}

/// Base URL, headers, query and body. Who we say we are is ours.
fn unequal(what: &str, own: &Made, other: &Made) -> Option<String> {
    match (own, other) {
        (Ok(own), Ok(other)) => {
            if own.method != other.method || own.url != other.url {
                return Some(format!(
                    "{what}: {} {}, there {} {}",
                    own.method, own.url, other.method, other.url
                ));
            }
            if own.body != other.body {
                return Some(format!("{what}: another body"));
            }
            let headers = |request: &Request| -> BTreeMap<String, String> {
                request.headers.iter().filter(|(name, _)| name != "user-agent").cloned().collect()
            };
            let (own, other) = (headers(own), headers(other));
            (own != other).then(|| format!("{what}: headers {own:?}, there {other:?}"))
        }
        (Err(own), Err(other)) if own == other => None,
        (Err(own), Err(other)) => Some(format!("{what}: {own}, there {other}")),
        (Ok(_), Err(other)) => Some(format!("{what}: there {other}")),
        (Err(own), Ok(_)) => Some(format!("{what}: {own}")),
    }
}
