//! How an integration assumes roles.

use dovetail_model::{Integration, Secret};
use url::Url;

/// The integration's settings, checked.
pub(super) struct Settings<'a> {
    /// The service whose requests are signed.
    pub(super) service: &'a str,
    pub(super) default_region: Option<&'a str>,
    pub(super) mode: StsMode<'a>,
}

/// Who assumes the role.
pub(super) enum StsMode<'a> {
    /// We do, with the integration's own key.
    Builtin { access_key_id: &'a str, secret: &'a str },
    /// A service of the integration's owner does.
    Custom { endpoint: Url, auth: StsAuth<'a> },
}

/// How we prove ourselves to that service.
pub(super) enum StsAuth<'a> {
    None,
    Header { name: &'a str, value: &'a str },
    Basic { username: &'a str, password: &'a str },
}

/// What the integration lacks. The names are the wire's error codes (auth-modes.md section 18).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// `missing_aws_sigv4_service`.
    #[error("the integration names no AWS service")]
    Service,
    /// `missing_aws_sigv4_builtin_credentials`.
    #[error("the integration has no AWS access key")]
    BuiltinCredentials,
    /// `missing_aws_sigv4_sts_endpoint`.
    #[error("the integration names no STS endpoint")]
    StsEndpoint,
    /// `invalid_aws_sigv4_config`.
    #[error("the integration's AWS settings are not valid")]
    Invalid,
    /// `missing_aws_sigv4_region`.
    #[error("no AWS region is given")]
    Region,
}

/// Header of the key that a custom endpoint asks for, unless the integration names another.
const KEY_HEADER: &str = "x-api-key";

impl<'a> Settings<'a> {
    pub(super) fn of(integration: &'a Integration) -> Result<Self, SettingsError> {
        let value = |name: &str| {
            integration.secrets.custom.get(name).map(Secret::expose).filter(|text| !text.is_empty())
        };
        let service = value("service").ok_or(SettingsError::Service)?;
        let mode = match value("stsMode") {
            Some("builtin") => {
                let (Some(access_key_id), Some(secret)) =
                    (value("awsAccessKeyId"), value("awsSecretAccessKey"))
                else {
                    return Err(SettingsError::BuiltinCredentials);
                };
                StsMode::Builtin { access_key_id, secret }
            }
            Some("custom") | None => {
                let endpoint = value("stsEndpointUrl").ok_or(SettingsError::StsEndpoint)?;
                let endpoint = Url::parse(endpoint).map_err(|_| SettingsError::Invalid)?;
                if endpoint.scheme() != "https" {
                    return Err(SettingsError::Invalid);
                }
                let auth = match value("stsAuthType") {
                    None | Some("none") => StsAuth::None,
                    Some("api_key") => StsAuth::Header {
                        name: value("stsAuthHeader").unwrap_or(KEY_HEADER),
                        value: value("stsApiKey").ok_or(SettingsError::Invalid)?,
                    },
                    Some("basic") => StsAuth::Basic {
                        username: value("stsAuthUsername").unwrap_or_default(),
                        password: value("stsAuthPassword").unwrap_or_default(),
                    },
                    Some(_) => return Err(SettingsError::Invalid),
                };
                StsMode::Custom { endpoint, auth }
            }
            Some(_) => return Err(SettingsError::Invalid),
        };
        Ok(Self { service, default_region: value("defaultRegion"), mode })
    }
}
