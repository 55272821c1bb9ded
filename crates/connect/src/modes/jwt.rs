//! `JWT`: a bearer token that we sign with the end user's key (auth-modes.md section 14).

use dovetail_model::{Credentials, JwtCredentials, Secret, SecretFields};
use serde_json::{Map, Value};

use crate::claims;
use crate::obtain::{ObtainError, Obtained, Party};

pub(super) fn obtain(party: &Party<'_>, fields: &Map<String, Value>) -> Result<Obtained, ObtainError> {
    signed(party, declared(party, fields))
}

/// Signs anew with the same fields.
pub(crate) fn renew(party: &Party<'_>, stored: &JwtCredentials) -> Result<Obtained, ObtainError> {
    signed(party, stored.fields.expose().clone())
}

fn signed(party: &Party<'_>, fields: Map<String, Value>) -> Result<Obtained, ObtainError> {
    let signed =
        claims::signed_token(party.provider, &fields, party.connection_config, party.now, party.random)?;
    let credentials = JwtCredentials {
        token: Secret::new(signed.token),
        expires_at: Some(signed.expires_at),
        fields: SecretFields::new(fields),
    };
    Ok(Obtained { credentials: Credentials::Jwt(credentials), config: Map::new() })
}

/// The fields that the definition knows. Others are not kept: they could pass for members of the credentials.
fn declared(party: &Party<'_>, fields: &Map<String, Value>) -> Map<String, Value> {
    let known = |name: &str| party.provider.credentials.contains(name);
    fields.iter().filter(|(name, _)| known(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}
