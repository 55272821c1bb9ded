//! Tests of the catalogue through its public face.

#![expect(clippy::unwrap_used, reason = "a failed step fails its test")]

mod embedded;
mod fields;
mod guides;
mod house_rules;
mod lint;
mod lookup;
mod overlay;
mod support;
mod vectors_auth_modes;
mod vectors_oauth1;
mod vectors_oauth_url;
mod vectors_proxy;
mod vectors_template;
mod verification;
