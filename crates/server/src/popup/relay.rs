//! Callbacks that the product received itself and passes on from its backend: signed, in place of the browser's cookie.
//!
//! The backend sends the callback's query to `/oauth/callback` unchanged, with `Dovetail-Relay-Signature:
//! t=<unix seconds>,v1=<hex>`, where the hex is HMAC-SHA256 over `<t>.<query>` under the environment's webhook signing
//! key. It vouches that the query came from the browser that it sent to `/oauth/connect`.

use std::time::Duration;

use aws_lc_rs::hmac;
use dovetail_model::{EnvironmentId, Timestamp};
use dovetail_store::{Store, StoreError, signing_keys};
use http::HeaderMap;

use crate::limits::RELAY_AGE;

/// Header of the signature.
const HEADER: &str = "dovetail-relay-signature";

/// Whether the request carries a valid signature of the environment over `query`.
pub(crate) async fn is_relayed(
    store: &Store,
    environment: EnvironmentId,
    headers: &HeaderMap,
    query: &str,
) -> Result<bool, StoreError> {
    let Some((at, signature)) = headers.get(HEADER).and_then(|value| parse(value.to_str().ok()?)) else {
        return Ok(false);
    };
    let (now, at_time) = (store.clock().now(), Timestamp(at.saturating_mul(1_000)));
    if age(now, at_time) > RELAY_AGE {
        return Ok(false);
    }
    let keys = signing_keys::current(&mut store.read().await?, environment).await?;
    let message = format!("{at}.{query}");
    Ok(keys.iter().any(|key| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.key.expose().as_bytes());
        hmac::verify(&key, message.as_bytes(), &signature).is_ok()
    }))
}

fn age(now: Timestamp, at: Timestamp) -> Duration {
    now.since(at).max(at.since(now))
}

fn parse(text: &str) -> Option<(i64, Vec<u8>)> {
    let (at, signature) = text.trim().split_once(',')?;
    let at = at.trim().strip_prefix("t=")?.parse().ok()?;
    Some((at, hex::decode(signature.trim().strip_prefix("v1=")?).ok()?))
}
