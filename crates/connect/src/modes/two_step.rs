//! `TWO_STEP`: what the end user gives is exchanged for a token (auth-modes.md section 17).

mod assertion;
mod cookies;
mod outcome;
mod saml;
mod values;

use dovetail_catalog::template::{Template, Tree};
use dovetail_catalog::{BodyFormat, OrderedMap, RequestMethod, capture_response};
use dovetail_model::{Credentials, Secret, SecretFields, SecretJson, TwoStepCredentials};
use serde_json::{Map, Value};

use crate::claims;
use crate::obtain::{ObtainError, Obtained, Party};
use crate::token_request::{TokenAnswer, TokenRequest, token_template};
use values::Known;

/// The field that an assertion is kept in.
const ASSERTION: &str = "assertion";

/// Members of the stored credentials that no field, header or cookie may pass for.
const RESERVED: [&str; 5] = ["type", "token", "refresh_token", "expires_at", "raw"];

/// Logs in with the end user's fields; `options` are used now and not kept.
pub(super) async fn obtain(
    party: &Party<'_>,
    fields: &Map<String, Value>,
    options: &Map<String, Value>,
) -> Result<Obtained, ObtainError> {
    let mut fields = values::declared(party, fields);
    if let Some(assertion) = assertion::fresh(party, &values::with_integration(party, &fields), options)? {
        fields.insert(ASSERTION.to_owned(), Value::from(assertion));
    }
    login(party, fields).await
}

/// Renews the token: with the refresh token where the definition says how, else by logging in again.
pub(crate) async fn renew(party: &Party<'_>, stored: &TwoStepCredentials) -> Result<Obtained, ObtainError> {
    let fields = stored.fields.expose().clone();
    let by_token =
        party.provider.refresh_token_params.is_some() || party.provider.refresh_token_headers.is_some();
    if by_token && let Some(refresh_token) = &stored.refresh_token {
        match refresh(party, fields.clone(), refresh_token).await {
            // The refresh token is no good any more; the fields it came from may still be.
            Err(ObtainError::Refused { .. }) => {}
            outcome => return outcome,
        }
    }
    let mut fields = fields;
    if let Some(assertion) = assertion::renewed(party, &values::with_integration(party, &fields))? {
        fields.insert(ASSERTION.to_owned(), Value::from(assertion));
    }
    login(party, fields).await
}

async fn login(party: &Party<'_>, fields: Map<String, Value>) -> Result<Obtained, ObtainError> {
    let provider = party.provider;
    let mut known = Known::new(party, values::with_integration(party, &fields));
    if provider.signature.is_some() && provider.token.is_some() {
        let signed =
            claims::signed_token(provider, known.fields(), party.connection_config, party.now, party.random)?;
        known.add("token", Value::from(signed.token));
    }
    let url = token_template(party)?;
    let first = Step {
        url,
        params: Some(&provider.token_params),
        headers: Some(&provider.token_headers),
        method: provider.token_request_method,
    };
    finish(party, fields, known, first, &provider.additional_steps).await
}

async fn refresh(
    party: &Party<'_>,
    fields: Map<String, Value>,
    refresh_token: &Secret,
) -> Result<Obtained, ObtainError> {
    let provider = party.provider;
    let mut known = Known::new(party, values::with_integration(party, &fields));
    known.add("refresh_token", Value::from(refresh_token.expose()));
    let url = provider.refresh_url.as_ref().map_or_else(|| token_template(party), Ok)?;
    let step = Step {
        url,
        params: provider.refresh_token_params.as_ref(),
        headers: provider.refresh_token_headers.as_ref().or(Some(&provider.token_headers)),
        method: provider.token_request_method,
    };
    let mut obtained = finish(party, fields, known, step, &[]).await?;
    // A service that does not rotate says nothing; the token stays.
    if let Credentials::TwoStep(credentials) = &mut obtained.credentials
        && credentials.refresh_token.is_none()
    {
        credentials.refresh_token = Some(refresh_token.clone());
    }
    Ok(obtained)
}

/// One request of the login.
struct Step<'a> {
    url: &'a Template,
    params: Option<&'a OrderedMap<Tree>>,
    headers: Option<&'a OrderedMap<Template>>,
    method: Option<RequestMethod>,
}

/// Sends the first request and those that follow from its answer, and reads the last answer.
async fn finish(
    party: &Party<'_>,
    fields: Map<String, Value>,
    mut known: Known<'_>,
    first: Step<'_>,
    more: &[dovetail_catalog::AdditionalStep],
) -> Result<Obtained, ObtainError> {
    let provider = party.provider;
    let format = provider.body_format.unwrap_or(BodyFormat::Json);
    let mut answer = send(party, &known, &first, format).await?;
    let mut kept = Map::new();
    cookies::keep(&provider.token_response_headers, &answer.headers, &mut kept);
    for (index, step) in more.iter().enumerate() {
        known.answered(index + 1, answer.body.clone());
        for (name, value) in &kept {
            known.add(name, value.clone());
        }
        let step = Step {
            url: &step.token_url,
            params: Some(&step.token_params),
            headers: Some(&step.token_headers),
            method: step.token_request_method,
        };
        let format = if format == BodyFormat::Form { BodyFormat::Form } else { BodyFormat::Json };
        answer = send(party, &known, &step, format).await?;
        cookies::keep(&provider.token_response_headers, &answer.headers, &mut kept);
    }
    let outcome = outcome::outcome(provider, &answer.body, party.now)
        .map_err(|error| answer.refusal().unwrap_or(error))?;
    let mut config = known.captured(&provider.token_response_metadata);
    config.extend(capture_response(&provider.token_response_metadata, &answer.body));
    let mut fields = fields;
    fields.extend(kept);
    let credentials = TwoStepCredentials {
        token: Secret::new(outcome.token),
        refresh_token: outcome.refresh_token.map(Secret::new),
        expires_at: outcome.expires_at,
        raw: SecretJson::new(answer.body),
        fields: SecretFields::new(fields),
    };
    Ok(Obtained { credentials: Credentials::TwoStep(credentials), config })
}

async fn send(
    party: &Party<'_>,
    known: &Known<'_>,
    step: &Step<'_>,
    format: BodyFormat,
) -> Result<TokenAnswer, ObtainError> {
    let mut request = TokenRequest::post(known.url(step.url)?, format);
    request.method = step.method.unwrap_or(RequestMethod::Post);
    if let Some(params) = step.params {
        request.params = known.params(params);
    }
    if let Some(headers) = step.headers {
        request.headers = known.headers(headers);
    }
    request.secrets = known.secrets();
    request.send(party).await
}
