//! Names of an integration's free values that have a meaning of their own (spec: auth-modes.md 2.1).

/// `MCP_OAUTH2_GENERIC`: how the product introduces itself to a server it registers with (RFC 7591 section 2).
pub(crate) mod client_metadata {
    /// Its name.
    pub(crate) const NAME: &str = "oauth_client_name";
    /// Its home page.
    pub(crate) const URI: &str = "oauth_client_uri";
    /// Its logo.
    pub(crate) const LOGO_URI: &str = "oauth_client_logo_uri";
}

/// What a service signs its webhooks with, for modes whose client has no place for it.
pub(crate) const WEBHOOK_SECRET: &str = "webhookSecret";
