//! A certificate of our own that servers ask for (mutual TLS).

use std::fmt;
use std::sync::Arc;

use rustls::client::ResolvesClientCert;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};

use crate::error::SetupError;

/// A certificate chain and the key of its first certificate.
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("certificates", &self.chain.len()).finish_non_exhaustive()
    }
}

impl Identity {
    /// From DER: the certificates, leaf first, and the private key (PKCS #1, PKCS #8 or SEC 1).
    pub fn from_der(chain: Vec<Vec<u8>>, key: Vec<u8>) -> Result<Self, SetupError> {
        let key = PrivateKeyDer::try_from(key).map_err(|_| SetupError::Identity)?;
        if chain.is_empty() {
            return Err(SetupError::Identity);
        }
        Ok(Self { chain: chain.into_iter().map(CertificateDer::from).collect(), key })
    }

    pub(crate) fn resolver(
        &self,
        crypto: &CryptoProvider,
    ) -> Result<Arc<dyn ResolvesClientCert>, SetupError> {
        let key = CertifiedKey::from_der(self.chain.clone(), self.key.clone_key(), crypto)
            .map_err(|_| SetupError::Identity)?;
        Ok(Arc::new(SingleCertAndKey::from(key)))
    }
}
