//! Every definition, proven against the simulator over a socket: it loads, its form takes good values and refuses bad
//! ones, its verification request and a proxied GET are exactly what the definition says. What they must be is worked
//! out in `expect`, which shares no code with the product. The outcome is the table `docs/providers.md`.

mod expect;
mod form;
mod table;
mod wire;

use dovetail_catalog::outgoing::{self, Call, CallBody};
use dovetail_catalog::{Listing, Provider};
use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::harness::{Linked, World};
use expect::Expected;
use table::{Mark, Row};
use wire::Wire;

const ENDPOINT: &str = "/things/7?a=1&b=x%20y";

#[tokio::test]
async fn every_definition_is_proven() {
    let world = World::shared();
    let wire = Wire::start(world.simulator.clone()).await;
    let catalog = world.catalog.current();
    let mut rows = Vec::new();
    for listing in catalog.listings() {
        rows.push(prove(world, &wire, listing).await);
    }
    let broken: Vec<String> = rows.iter().flat_map(Row::failures).collect();
    assert!(broken.is_empty(), "{} definitions fail:\n{}", broken.len(), broken.join("\n"));
    table::compare(&rows);
}

async fn prove(world: &World, wire: &Wire, listing: &Listing) -> Row {
    let catalog = world.catalog.current();
    let Some(provider) = catalog.shared(listing.id()) else { return Row::unreadable(listing) };
    let linked = world.linked(&provider);
    Row {
        id: listing.id().to_owned(),
        name: listing.display_name().to_owned(),
        mode: listing.auth_mode().as_str(),
        loads: Mark::Yes,
        form: form::check(&provider, world.demo(provider.id())).into(),
        verifies: verifies(world, wire, &provider, &linked).await,
        proxies: proxies(world, wire, &provider, &linked).await,
        guide: if listing.has_guide() { Mark::Yes } else { Mark::Absent },
    }
}

async fn verifies(world: &World, wire: &Wire, provider: &Provider, linked: &Linked) -> Mark {
    if provider.credentials_verification().is_some() {
        return Mark::Script;
    }
    if provider.proxy.verification.is_none() {
        return Mark::Absent;
    }
    let (moment, metadata) = (world.moment(), Map::new());
    let (connection, integration) = (linked.facts(&metadata), linked.integration());
    let requests = match outgoing::verification(provider, connection, integration, &moment, "nonce") {
        Ok(requests) => requests,
        Err(error) => return Mark::No(format!("no verification request: {error}")),
    };
    let expected = expect::verification(provider, linked);
    if requests.len() != expected.len() {
        return Mark::No(format!("{} verification requests", requests.len()));
    }
    for (request, expected) in requests.into_iter().zip(expected) {
        if let Err(difference) = expected.compare(
            &request.method,
            request.url.as_str(),
            &headers_of(&request.headers),
            request.body.as_deref(),
        ) {
            return Mark::No(format!("verification: {difference}"));
        }
        let (status, body) = wire.send(request).await;
        if status != StatusCode::OK || body.get("bodyBytes").is_some() {
            return Mark::No(format!("the simulator does not verify: {status} {body}"));
        }
    }
    Mark::Yes
}

async fn proxies(world: &World, wire: &Wire, provider: &Provider, linked: &Linked) -> Mark {
    if provider.proxy.base_url.is_none() {
        return Mark::Absent;
    }
    let (moment, metadata) = (world.moment(), Map::new());
    let own = [("x-own".to_owned(), "1".to_owned())];
    let call = Call {
        provider: Some(provider),
        connection: linked.facts(&metadata),
        integration: linked.integration(),
        method: "GET",
        endpoint: ENDPOINT,
        base_override: None,
        headers: &own,
        body: CallBody::Absent,
        moment: &moment,
        nonce: "nonce",
    };
    let request = match outgoing::build(&call) {
        Ok(request) => request,
        Err(error) => return Mark::No(format!("no request: {error}")),
    };
    let (status, echo) = wire.send(request).await;
    if status != StatusCode::OK
        || echo["provider"].as_str() != Some(provider.id()) && !is_twin(provider, &echo)
    {
        return Mark::No(format!("the simulator answers {status}: {echo}"));
    }
    let mut expected: Expected = expect::call(provider, linked, "GET", ENDPOINT);
    expected.header("x-own", "1");
    let arrived: Map<String, Value> = echo["headers"].as_object().cloned().unwrap_or_default();
    match expected.compare("GET", echo["url"].as_str().unwrap_or_default(), &arrived, None) {
        Ok(()) => Mark::Yes,
        Err(difference) => Mark::No(difference),
    }
}

/// Two entries of one service answer at the same host to the same credentials: either name is right.
fn is_twin(provider: &Provider, echo: &Value) -> bool {
    let catalog = World::shared().catalog.current();
    let base = |provider: &Provider| {
        provider.proxy.base_url.as_ref().map(|base| base.source().to_owned()).unwrap_or_default()
    };
    let host =
        |base: &str| base.split("://").last().and_then(|rest| rest.split('/').next()).map(str::to_owned);
    let other = echo["provider"].as_str().and_then(|id| catalog.shared(id));
    other.is_some_and(|other| {
        let (own, other) = (base(provider), base(&other));
        host(&own) == host(&other) || own.contains("${") || other.contains("${")
    })
}

fn headers_of(headers: &[(String, String)]) -> Map<String, Value> {
    headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect()
}
