//! A server certificate for `tls.test`, and clients that trust its authority.

use std::sync::Arc;

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::TlsAcceptor;

/// The name in the certificate.
pub const HOST: &str = "tls.test";

/// Takes connections as `tls.test` and offers these protocols (ALPN), best first.
pub fn acceptor(alpn: &[&[u8]]) -> TlsAcceptor {
    let made = || -> Result<ServerConfig, Box<dyn std::error::Error>> {
        let chain = vec![CertificateDer::from_pem_slice(include_bytes!("../fixtures/leaf.pem"))?];
        let key = PrivateKeyDer::from_pem_slice(include_bytes!("../fixtures/leaf.key"))?;
        Ok(ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?)
    };
    let mut config = made().unwrap_or_else(|error| panic!("{error}"));
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

/// Trusts the test's authority and nobody else.
pub fn trusting() -> ClientConfig {
    let made = || -> Result<ClientConfig, Box<dyn std::error::Error>> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(include_bytes!("../fixtures/ca.pem"))?)?;
        Ok(ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth())
    };
    made().unwrap_or_else(|error| panic!("{error}"))
}
