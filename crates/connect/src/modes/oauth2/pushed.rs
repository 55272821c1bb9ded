//! Pushed authorization requests (RFC 9126): the parameters go to the provider beforehand, from server to server, and
//! the browser carries only a reference to them.

use dovetail_catalog::BodyFormat;
use dovetail_catalog::template::Template;
use serde_json::Value;
use url::Url;

use super::OauthClient;
use crate::flow::{Departure, FlowError, FlowErrorKind};
use crate::obtain::ObtainError;
use crate::token_host;
use crate::token_request::{TokenRequest, Values, render_url};

/// Sends the parameters of `full`, the client proving itself as it does for tokens (section 2). The URL that the
/// browser is sent to instead has the client's id and the reference (section 4).
pub(super) async fn push(
    departure: &Departure<'_>,
    client: OauthClient<'_>,
    template: &Template,
    full: &Url,
) -> Result<Url, FlowError> {
    let party = &departure.party;
    let provider = party.provider;
    let failed = |error: ObtainError| FlowError::client(&provider.display_name, &error);
    let mut request = TokenRequest::post(endpoint(departure, client, template)?, BodyFormat::Form);
    for (name, value) in full.query_pairs() {
        request.set(&name, value.into_owned());
    }
    request.auth = client.auth(provider);
    let answer = request.send(party).await.map_err(failed)?;
    let reference = answer.object().map_err(failed)?.get("request_uri").and_then(Value::as_str);
    let reference = reference.filter(|reference| !reference.is_empty());
    let lacks = || failed(ObtainError::Unreadable("it has no `request_uri`".to_owned()));
    let reference = reference.ok_or_else(lacks)?;
    let mut url = full.clone();
    url.query_pairs_mut().clear().append_pair("client_id", client.id).append_pair("request_uri", reference);
    Ok(url)
}

/// Where they are pushed to. It sees the client's proof, so its host is judged like that of the token URL.
fn endpoint(
    departure: &Departure<'_>,
    client: OauthClient<'_>,
    template: &Template,
) -> Result<Url, FlowError> {
    let party = &departure.party;
    let values = Values::of(party);
    let context = values.context(party.connection_config);
    let url = render_url(template, &context).map_err(|error| FlowError::unbuildable(&error))?;
    if client.is_owners() {
        token_host::check(
            template,
            &url,
            &context,
            party.provider,
            party.integration,
            departure.owner_config,
        )
        .map_err(|error| FlowError::new(FlowErrorKind::Integration, error.to_string()))?;
    }
    Ok(url)
}
