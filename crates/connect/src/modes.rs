//! From submitted fields to credentials: one file a mode.

mod api_key;
mod basic;
mod none;
pub(crate) mod oauth1;
pub(crate) mod oauth2;

use dovetail_model::{AuthMode, Credentials};
use serde_json::{Map, Value};

/// The mode is not linked by this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this version does not link {0} accounts")]
pub struct UnsupportedMode(pub AuthMode);

/// Whether [`credentials`] can build credentials of this mode.
pub const fn is_supported(mode: AuthMode) -> bool {
    matches!(mode, AuthMode::ApiKey | AuthMode::Basic | AuthMode::None)
}

/// Builds credentials from fields that were validated against the definition.
pub fn credentials(mode: AuthMode, fields: &Map<String, Value>) -> Result<Credentials, UnsupportedMode> {
    match mode {
        AuthMode::ApiKey => Ok(api_key::credentials(fields)),
        AuthMode::Basic => Ok(basic::credentials(fields)),
        AuthMode::None => Ok(none::credentials()),
        other => Err(UnsupportedMode(other)),
    }
}

/// A text among validated fields; absent ones are empty.
fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> &'a str {
    fields.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn supported_modes_build_and_others_say_so() {
        let fields = json!({"apiKey": "k_live_1", "username": "pia", "password": ""});
        let fields = fields.as_object().unwrap();
        for mode in AuthMode::ALL {
            match credentials(*mode, fields) {
                Ok(built) => assert_eq!(built.kind(), mode.credentials_type()),
                Err(error) => assert_eq!(error, UnsupportedMode(*mode)),
            }
            assert_eq!(credentials(*mode, fields).is_ok(), is_supported(*mode));
        }
    }
}
