//! Tests of the catalogue through its public face.

mod embedded;
mod support;
mod vectors_oauth_url;
mod vectors_proxy;
mod vectors_template;
