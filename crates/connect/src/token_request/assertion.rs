//! JSON Web Tokens signed with a private key (RFC 7515, RFC 7518, RFC 7523).

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeyPairComponents, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use dovetail_catalog::template::pem_to_der;
use serde_json::{Map, Value};

use crate::obtain::ObtainError;

/// A private key and the algorithm that it signs with.
pub struct SigningKey {
    kid: Option<String>,
    kind: Kind,
}

enum Kind {
    Rsa { key: RsaKeyPair, pss: bool },
    Ec { key: EcdsaKeyPair, alg: &'static str },
    Ed25519(Ed25519KeyPair),
    Shared(Box<hmac::Key>),
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("alg", &self.alg()).finish_non_exhaustive()
    }
}

fn unusable() -> ObtainError {
    ObtainError::Unbuildable("the private key is not in a usable form".to_owned())
}

impl SigningKey {
    /// Reads a private JWK (RFC 7517; RSA, EC P-256 and P-384, Ed25519) or a PEM text (PKCS #1, PKCS #8, SEC 1).
    pub fn parse(text: &str) -> Result<Self, ObtainError> {
        match serde_json::from_str::<Value>(text.trim()) {
            Ok(Value::Object(jwk)) => Self::from_jwk(&jwk),
            _ => Self::from_pem(text),
        }
    }

    /// Signs with RSASSA-PSS (`PS256`) instead of `RS256`, when it is an RSA key.
    #[must_use]
    pub fn with_pss(mut self) -> Self {
        if let Kind::Rsa { pss, .. } = &mut self.kind {
            *pss = true;
        }
        self
    }

    /// The name of the algorithm (RFC 7518 section 3.1).
    pub fn alg(&self) -> &'static str {
        match &self.kind {
            Kind::Rsa { pss: true, .. } => "PS256",
            Kind::Rsa { .. } => "RS256",
            Kind::Ec { alg, .. } => alg,
            Kind::Ed25519(_) => "EdDSA",
            Kind::Shared(_) => "HS256",
        }
    }

    /// A secret that both sides know: signs `HS256`.
    pub fn shared(secret: &[u8]) -> Self {
        Self { kid: None, kind: Kind::Shared(Box::new(hmac::Key::new(hmac::HMAC_SHA256, secret))) }
    }

    /// The bare signature over `message`.
    pub fn sign_bytes(&self, message: &[u8]) -> Result<Vec<u8>, ObtainError> {
        self.sign(message).ok_or_else(unusable)
    }

    fn from_pem(text: &str) -> Result<Self, ObtainError> {
        let der = pem_to_der(text).ok_or_else(unusable)?;
        let ec = |algorithm: &'static EcdsaSigningAlgorithm, alg: &'static str| {
            EcdsaKeyPair::from_private_key_der(algorithm, &der).ok().map(|key| Kind::Ec { key, alg })
        };
        let kind = RsaKeyPair::from_pkcs8(&der)
            .or_else(|_| RsaKeyPair::from_der(&der))
            .ok()
            .map(|key| Kind::Rsa { key, pss: false })
            .or_else(|| ec(&ECDSA_P256_SHA256_FIXED_SIGNING, "ES256"))
            .or_else(|| ec(&ECDSA_P384_SHA384_FIXED_SIGNING, "ES384"))
            .or_else(|| Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).ok().map(Kind::Ed25519))
            .ok_or_else(unusable)?;
        Ok(Self { kid: None, kind })
    }

    fn from_jwk(jwk: &Map<String, Value>) -> Result<Self, ObtainError> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let bytes = |name: &str| {
            text(name)
                .and_then(|value| URL_SAFE_NO_PAD.decode(value.trim_end_matches('=')).ok())
                .ok_or_else(unusable)
        };
        let kind = match (text("kty"), text("crv")) {
            (Some("RSA"), _) => {
                let components = KeyPairComponents {
                    public_key: PublicKeyComponents { n: bytes("n")?, e: bytes("e")? },
                    d: bytes("d")?,
                    p: bytes("p")?,
                    q: bytes("q")?,
                    dP: bytes("dp")?,
                    dQ: bytes("dq")?,
                    qInv: bytes("qi")?,
                };
                let key = RsaKeyPair::from_components(&components).map_err(|_| unusable())?;
                Kind::Rsa { key, pss: text("alg") == Some("PS256") }
            }
            (Some("EC"), Some("P-256")) => ec_jwk(&ECDSA_P256_SHA256_FIXED_SIGNING, "ES256", &bytes)?,
            (Some("EC"), Some("P-384")) => ec_jwk(&ECDSA_P384_SHA384_FIXED_SIGNING, "ES384", &bytes)?,
            (Some("OKP"), Some("Ed25519")) => Kind::Ed25519(
                Ed25519KeyPair::from_seed_and_public_key(&bytes("d")?, &bytes("x")?)
                    .map_err(|_| unusable())?,
            ),
            _ => return Err(unusable()),
        };
        Ok(Self { kid: text("kid").map(str::to_owned), kind })
    }

    fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match &self.kind {
            Kind::Rsa { key, pss } => {
                let mut signature = vec![0; key.public_modulus_len()];
                let padding: &'static dyn aws_lc_rs::signature::RsaEncoding =
                    if *pss { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
                key.sign(padding, &random, message, &mut signature).ok()?;
                Some(signature)
            }
            Kind::Ec { key, .. } => {
                key.sign(&random, message).ok().map(|signature| signature.as_ref().to_vec())
            }
            Kind::Ed25519(key) => Some(key.sign(message).as_ref().to_vec()),
            Kind::Shared(key) => Some(hmac::sign(key, message).as_ref().to_vec()),
        }
    }
}

fn ec_jwk(
    algorithm: &'static EcdsaSigningAlgorithm,
    alg: &'static str,
    bytes: &impl Fn(&str) -> Result<Vec<u8>, ObtainError>,
) -> Result<Kind, ObtainError> {
    let point = [vec![4], bytes("x")?, bytes("y")?].concat();
    let key = EcdsaKeyPair::from_private_key_and_public_key(algorithm, &bytes("d")?, &point)
        .map_err(|_| unusable())?;
    Ok(Kind::Ec { key, alg })
}

/// A compact JWS. `alg` and `typ` are set, and `kid` when the key has one; `header` entries are laid over them.
pub fn sign_jwt(key: &SigningKey, header: Map<String, Value>, claims: &Value) -> Result<String, ObtainError> {
    let mut head = Map::new();
    head.insert("alg".to_owned(), key.alg().into());
    head.insert("typ".to_owned(), "JWT".into());
    if let Some(kid) = &key.kid {
        head.insert("kid".to_owned(), kid.as_str().into());
    }
    head.extend(header);
    let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", encoded(&Value::Object(head)), encoded(claims));
    let signature = key.sign_bytes(message.as_bytes())?;
    Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
    use aws_lc_rs::rsa::KeySize;
    use aws_lc_rs::signature::{
        ECDSA_P256_SHA256_FIXED, KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
        UnparsedPublicKey,
    };
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    use super::*;

    fn parts(jwt: &str) -> (Value, String, Vec<u8>) {
        let (message, signature) = jwt.rsplit_once('.').unwrap();
        let header = URL_SAFE_NO_PAD.decode(message.split('.').next().unwrap()).unwrap();
        (
            serde_json::from_slice(&header).unwrap(),
            message.to_owned(),
            URL_SAFE_NO_PAD.decode(signature).unwrap(),
        )
    }

    #[test]
    fn a_pem_key_signs_and_its_public_half_verifies() {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).unwrap();
        let pem = format!(
            "-----BEGIN PRIVATE KEY-----\\n{}\\n-----END PRIVATE KEY-----",
            STANDARD.encode(der.as_ref())
        );
        let key = SigningKey::parse(&pem).unwrap();
        let (header, message, signature) = parts(&sign_jwt(&key, Map::new(), &json!({"sub": "c"})).unwrap());
        assert_eq!(header, json!({"alg": "RS256", "typ": "JWT"}));
        let public = pair.public_key().as_ref();
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public)
            .verify(message.as_bytes(), &signature)
            .unwrap();
        let (header, message, signature) =
            parts(&sign_jwt(&key.with_pss(), Map::new(), &json!({"sub": "c"})).unwrap());
        assert_eq!(header["alg"], "PS256");
        UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, public)
            .verify(message.as_bytes(), &signature)
            .unwrap();
    }

    #[test]
    fn the_key_of_rfc_7515_appendix_a_3_signs_es256() {
        let jwk = r#"{"kty":"EC","crv":"P-256","kid":"k1",
            "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
            "d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;
        let key = SigningKey::parse(jwk).unwrap();
        let (header, message, signature) = parts(&sign_jwt(&key, Map::new(), &json!({})).unwrap());
        assert_eq!(header, json!({"alg": "ES256", "typ": "JWT", "kid": "k1"}));
        let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        let point = [
            vec![4],
            decoded("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
            decoded("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
        ]
        .concat();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
            .verify(message.as_bytes(), &signature)
            .unwrap();
    }

    #[test]
    fn what_is_no_private_key_is_refused_without_repeating_it() {
        for text in
            ["", "hush", "{}", r#"{"kty":"RSA","n":"AQAB"}"#, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END"]
        {
            let error = SigningKey::parse(text).unwrap_err().to_string();
            assert_eq!(error, "the private key is not in a usable form", "{text}");
        }
    }
}
