//! Query parameters that a definition adds (5.3). The caller's other pairs stay as they are, to the byte.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use url::Url;

use super::{authorization::Placement, endpoint::with_credentials, facts::Call};
use crate::template::{Context, Mode, encode_rfc3986};

/// Sets `name` in a URL's query: in place of the first pair of that name, at the end when there is none.
pub fn set_query(url: &mut Url, name: &str, value: &str) {
    let pair = format!("{}={}", encode_rfc3986(name), encode_rfc3986(value));
    let mut placed = false;
    let mut pairs: Vec<&str> = Vec::new();
    for known in url.query().unwrap_or_default().split('&').filter(|known| !known.is_empty()) {
        if !is_named(known, name) {
            pairs.push(known);
        } else if !placed {
            placed = true;
            pairs.push(&pair);
        }
    }
    if !placed {
        pairs.push(&pair);
    }
    let query = pairs.join("&");
    url.set_query(Some(&query));
}

fn is_named(pair: &str, name: &str) -> bool {
    let key = pair.split('=').next().unwrap_or_default();
    percent_decode_str(&key.replace('+', " ")).decode_utf8_lossy() == name
}

/// Sets `proxy.query` and the integration's own parameter. Entries without a value are left out.
pub(super) fn inject(call: &Call<'_>, config: &Map<String, Value>, url: &mut Url) {
    let Some(provider) = call.provider else { return };
    if let Some((Placement::Query, name, value)) = super::authorization::generic_key(call, config) {
        set_query(url, name, &value);
    }
    if provider.proxy.query.is_empty() {
        return;
    }
    let context = Context::new(call.moment).connection_config(config);
    let context = with_credentials(context, call.connection.credentials);
    for (name, template) in provider.proxy.query.iter() {
        if let Some(value) = template.render(Mode::Proxy, &context).complete() {
            set_query(url, name, &value);
        }
    }
}
