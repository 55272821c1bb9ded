//! TLS of outbound connections: rustls on aws-lc-rs, certificates always verified.

use std::sync::Arc;

use hyper_rustls::ConfigBuilderExt;
use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs::default_provider;

/// The system's trust anchors, or Mozilla's where the system has none (a bare container).
pub(crate) fn default_config() -> Result<ClientConfig, rustls::Error> {
    let builder = || {
        ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
    };
    let anchored = match builder()?.with_native_roots() {
        Ok(builder) => builder,
        Err(error) => {
            tracing::info!(%error, "no system trust anchors, using Mozilla's");
            builder()?.with_webpki_roots()
        }
    };
    Ok(anchored.with_no_client_auth())
}
