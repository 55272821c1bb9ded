//! `TBA`: a permanent token that signs requests together with the integration's consumer (auth-modes.md section 13).

use dovetail_model::{ClientOverride, Credentials, Secret, TbaCredentials};
use serde_json::{Map, Value};

use super::text;
use crate::obtain::{ObtainError, Obtained, Party};

/// Key of the connection's configuration that the signature's realm is made from.
const ACCOUNT: &str = "accountId";

pub(super) fn obtain(party: &Party<'_>, fields: &Map<String, Value>) -> Result<Obtained, ObtainError> {
    if text(party.connection_config, ACCOUNT).is_empty() {
        return Err(ObtainError::Unbuildable("The account ID is required.".to_owned()));
    }
    let given = |name| Some(text(fields, name)).filter(|text| !text.is_empty());
    let credentials = TbaCredentials {
        token_id: text(fields, "token_id").to_owned(),
        token_secret: Secret::new(text(fields, "token_secret")),
        config_override: ClientOverride {
            client_id: given("oauth_client_id_override").map(str::to_owned),
            client_secret: given("oauth_client_secret_override").map(Secret::new),
        },
    };
    Ok(Obtained { credentials: Credentials::Tba(credentials), config: Map::new() })
}
