//! `OAUTH2_CC`: client credentials that the end user brings (RFC 6749 section 4.4; auth-modes.md section 6).

use std::time::Duration;

use dovetail_catalog::template::Mode;
use dovetail_catalog::{BodyFormat, Provider, TokenRequestAuth, capture_response};
use dovetail_model::{Credentials, Oauth2CcCredentials, Secret, SecretJson};
use serde_json::{Map, Value};

use super::text;
use crate::obtain::{ObtainError, Obtained, Party};
use crate::token_request::{
    ClientAuth, ClientCertificate, TokenRequest, Values, expires_of, render_headers, render_params,
    render_url, token_template,
};

/// Lifetime of a token whose answer names none: shorter than the hour that most services give.
const LIFETIME: Duration = Duration::from_mins(55);

/// Key of the connection's configuration that holds the scopes, separated by commas.
const SCOPES: &str = "oauth_scopes";

/// Key of the connection's configuration whose entries are laid over the parameters.
const EXTRA_PARAMS: &str = "authorization_params";

/// The end user's client.
struct Client<'a> {
    id: &'a str,
    secret: &'a str,
    certificate: Option<&'a str>,
    private_key: Option<&'a str>,
}

pub(super) async fn obtain(party: &Party<'_>, fields: &Map<String, Value>) -> Result<Obtained, ObtainError> {
    let given = |name| Some(text(fields, name)).filter(|text| !text.is_empty());
    let client = Client {
        id: text(fields, "client_id"),
        secret: text(fields, "client_secret"),
        certificate: given("client_certificate"),
        private_key: given("client_private_key"),
    };
    issue(party, client).await
}

/// Asks for another token with the same client.
pub(crate) async fn renew(party: &Party<'_>, stored: &Oauth2CcCredentials) -> Result<Obtained, ObtainError> {
    let client = Client {
        id: &stored.client_id,
        secret: stored.client_secret.expose(),
        certificate: stored.client_certificate.as_deref(),
        private_key: stored.client_private_key.as_ref().map(Secret::expose),
    };
    issue(party, client).await
}

async fn issue(party: &Party<'_>, client: Client<'_>) -> Result<Obtained, ObtainError> {
    let answer = request(party, &client)?.send(party).await?;
    let Some(token) = token(&answer.body) else {
        return Err(answer
            .refusal()
            .unwrap_or_else(|| ObtainError::Unreadable("it holds no access token".to_owned())));
    };
    let told =
        answer.body.as_object().and_then(|body| expires_of(body, party.now, party.provider.expires_in_unit));
    let config = capture_response(&party.provider.token_response_metadata, &answer.body);
    let credentials = Oauth2CcCredentials {
        token: Secret::new(token),
        client_id: client.id.to_owned(),
        client_secret: Secret::new(client.secret),
        client_certificate: client.certificate.map(str::to_owned),
        client_private_key: client.private_key.map(Secret::new),
        expires_at: Some(told.unwrap_or_else(|| party.now.plus(LIFETIME))),
        raw: SecretJson::new(answer.body),
    };
    Ok(Obtained { credentials: Credentials::Oauth2Cc(credentials), config })
}

fn request<'a>(party: &Party<'_>, client: &Client<'a>) -> Result<TokenRequest<'a>, ObtainError> {
    let provider = party.provider;
    let values = Values::of(party);
    let context = values.context(party.connection_config);
    let url = token_template(party)?;
    let mut request =
        TokenRequest::post(render_url(url, &context)?, provider.body_format.unwrap_or(BodyFormat::Form));
    request.params = render_params(&provider.token_params, Mode::Tree, &context)?;
    request.headers = render_headers(&provider.token_headers, Mode::Tree, &context)?;
    if let Some(scopes) = scopes(provider, party.connection_config) {
        request.set("scope", scopes);
    }
    if let Some(Value::Object(extra)) = party.connection_config.get(EXTRA_PARAMS) {
        for (name, value) in extra {
            request.set(name, value.clone());
        }
    }
    request.auth = proof(provider, client)?;
    let by_key = provider.token_request_auth_method == Some(TokenRequestAuth::PrivateKeyJwt);
    if let (Some(certificate), Some(key), false) = (client.certificate, client.private_key, by_key) {
        request.certificate = Some(ClientCertificate { certificate, key });
    }
    Ok(request)
}

fn proof<'a>(provider: &Provider, client: &Client<'a>) -> Result<ClientAuth<'a>, ObtainError> {
    let missing = |what: &str| ObtainError::Unbuildable(format!("the {what} is missing"));
    let (id, secret) = (client.id, client.secret);
    let with_secret =
        |auth: ClientAuth<'a>| if secret.is_empty() { Err(missing("client secret")) } else { Ok(auth) };
    match provider.token_request_auth_method {
        Some(TokenRequestAuth::Basic) => with_secret(ClientAuth::Basic { id, secret }),
        Some(TokenRequestAuth::Custom) => with_secret(ClientAuth::UserPassword { id, secret }),
        Some(TokenRequestAuth::PrivateKeyJwt) => {
            let key = client.private_key.ok_or_else(|| missing("client's private key"))?;
            Ok(ClientAuth::PrivateKeyJwt { id, key })
        }
        None if secret.is_empty() => Ok(ClientAuth::Public { id }),
        None => Ok(ClientAuth::Body { id, secret }),
    }
}

/// The scopes of the connection, written as the service wants them.
fn scopes(provider: &Provider, connection_config: &Map<String, Value>) -> Option<String> {
    let separator = provider.scope_separator.as_deref().unwrap_or(" ");
    let listed = connection_config.get(SCOPES)?.as_str()?;
    let scopes: Vec<&str> = listed.split(',').map(str::trim).filter(|scope| !scope.is_empty()).collect();
    (!scopes.is_empty()).then(|| scopes.join(separator))
}

/// Where services put the token.
fn token(body: &Value) -> Option<String> {
    let places = [body.get("access_token"), body.pointer("/data/token"), body.get("jwt")];
    let found = places.into_iter().flatten().find_map(Value::as_str)?;
    (!found.is_empty()).then(|| found.to_owned())
}
