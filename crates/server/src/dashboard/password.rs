//! Hashing and checking of account passwords: argon2id (RFC 9106), off the
//! async threads, never more than a few at a time.

use std::sync::LazyLock;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use dovetail_model::{Random, Secret};
use tokio::sync::Semaphore;

/// Memory of one hash, in KiB: the OWASP minimum for argon2id with two passes.
const MEMORY_KIB: u32 = 19_456;
/// Passes over the memory.
const PASSES: u32 = 2;
/// Lanes: one, because a request may use one core only.
const LANES: u32 = 1;
/// Bytes of salt; RFC 9106 §3.1 recommends 16.
const SALT_BYTES: usize = 16;
/// Hashes computed at once. Each holds [`MEMORY_KIB`] and one blocking thread,
/// so sign-in attempts cannot take the machine.
const CONCURRENT_HASHES: usize = 2;

/// Checks that may wait or run at once; beyond it they are refused at once, so that a flood cannot pile up.
const QUEUED_HASHES: usize = 32;

/// Shortest password, in characters (NIST SP 800-63B asks for eight at least).
pub(crate) const MIN_CHARS: usize = 12;
/// Longest password, in bytes: bounds the work of one request.
pub(crate) const MAX_BYTES: usize = 1_024;

static QUEUE: Semaphore = Semaphore::const_new(QUEUED_HASHES);
static PERMITS: Semaphore = Semaphore::const_new(CONCURRENT_HASHES);

/// A well-formed hash of nobody's password: checking against it costs what
/// checking against a real one costs, so response times do not tell which
/// accounts exist.
static DECOY: LazyLock<Option<String>> =
    LazyLock::new(|| hash_with_salt(b"no account has this password", &[0x5a; SALT_BYTES]).ok());

/// Why a password could not be hashed or checked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PasswordError {
    /// Fewer than [`MIN_CHARS`] characters.
    #[error("a password has at least {MIN_CHARS} characters")]
    TooShort,
    /// More than [`MAX_BYTES`] bytes.
    #[error("a password has at most {MAX_BYTES} bytes")]
    TooLong,
    /// The hashing library refused; a defect, not the user's doing.
    #[error("the password could not be hashed")]
    Hashing,
    /// Too many checks are waiting already.
    #[error("too many password checks at once")]
    Busy,
    /// The server is shutting down.
    #[error("the password check was cancelled")]
    Cancelled,
}

/// Checks the length rules of a new password.
pub(crate) fn validate(password: &Secret) -> Result<(), PasswordError> {
    if password.expose().chars().count() < MIN_CHARS {
        return Err(PasswordError::TooShort);
    }
    if password.expose().len() > MAX_BYTES {
        return Err(PasswordError::TooLong);
    }
    Ok(())
}

/// The PHC string of a new password, with a fresh salt.
pub(crate) async fn hash(password: Secret, random: &dyn Random) -> Result<String, PasswordError> {
    validate(&password)?;
    let mut salt = [0_u8; SALT_BYTES];
    random.fill(&mut salt);
    on_a_blocking_thread(move || hash_with_salt(password.expose().as_bytes(), &salt)).await?
}

/// Whether `password` is the one `stored` was made of. With no stored hash
/// (an unknown account) the work is the same and the answer `false`.
pub(crate) async fn verify(password: Secret, stored: Option<String>) -> Result<bool, PasswordError> {
    if password.expose().len() > MAX_BYTES {
        return Ok(false);
    }
    on_a_blocking_thread(move || {
        let known = stored.is_some();
        let Some(phc) = stored.as_deref().or(DECOY.as_deref()) else {
            return Err(PasswordError::Hashing);
        };
        let parsed = PasswordHash::new(phc).map_err(|_| PasswordError::Hashing)?;
        let matches = hasher()?.verify_password(password.expose().as_bytes(), &parsed).is_ok();
        Ok(known && matches)
    })
    .await?
}

async fn on_a_blocking_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, PasswordError> {
    let _place = QUEUE.try_acquire().map_err(|_| PasswordError::Busy)?;
    let _permit = PERMITS.acquire().await.map_err(|_| PasswordError::Cancelled)?;
    tokio::task::spawn_blocking(work).await.map_err(|_| PasswordError::Cancelled)
}

fn hasher() -> Result<Argon2<'static>, PasswordError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| PasswordError::Hashing)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash_with_salt(password: &[u8], salt: &[u8; SALT_BYTES]) -> Result<String, PasswordError> {
    hasher()?
        .hash_password_with_salt(password, salt)
        .map(|hash| hash.to_string())
        .map_err(|_| PasswordError::Hashing)
}

#[cfg(test)]
mod tests {
    use dovetail_model::SeededRandom;

    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::from(text.to_owned())
    }

    #[tokio::test]
    async fn the_right_password_is_accepted_and_another_is_not() {
        let hash = hash(secret("correct horse battery"), &SeededRandom::new(1)).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify(secret("correct horse battery"), Some(hash.clone())).await.unwrap());
        assert!(!verify(secret("correct horse batterz"), Some(hash)).await.unwrap());
    }

    #[tokio::test]
    async fn an_unknown_account_is_refused_even_with_the_decoys_password() {
        assert!(!verify(secret("no account has this password"), None).await.unwrap());
    }

    #[test]
    fn short_and_huge_passwords_are_refused() {
        assert!(matches!(validate(&secret("elevenchars")), Err(PasswordError::TooShort)));
        assert!(matches!(validate(&secret(&"x".repeat(MAX_BYTES + 1))), Err(PasswordError::TooLong)));
        assert!(validate(&secret("twelve chars")).is_ok());
    }
}
