//! Chance as an argument.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::{digest, rand};
use uuid::{Builder, Uuid};

/// Where random bytes come from.
pub trait Random: Send + Sync + fmt::Debug {
    /// Fills the buffer with random bytes.
    fn fill(&self, buffer: &mut [u8]);

    /// A random UUID (version 4).
    fn uuid_v4(&self) -> Uuid {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        Builder::from_random_bytes(bytes).into_uuid()
    }

    /// `bytes` random bytes as lower-case hexadecimal digits.
    fn hex(&self, bytes: usize) -> String {
        let mut buffer = vec![0; bytes];
        self.fill(&mut buffer);
        hex::encode(buffer)
    }

    /// `length` random letters and digits, without bias.
    fn alphanumeric(&self, length: usize) -> String {
        const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let mut text = String::with_capacity(length);
        let mut buffer = [0; 32];
        while text.len() < length {
            self.fill(&mut buffer);
            // 248 = 4 * 62: bytes above would favour the first letters.
            let letters =
                buffer.iter().filter(|byte| **byte < 248).map(|byte| ALPHABET[usize::from(byte % 62)]);
            text.extend(letters.take(length - text.len()).map(char::from));
        }
        text
    }
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::expect_used, reason = "a machine without randomness must not go on making keys")]
    fn fill(&self, buffer: &mut [u8]) {
        rand::fill(buffer).expect("the operating system gives random bytes");
    }
}

/// A generator that repeats itself for the same seed: for tests and the simulator, never for keys.
#[derive(Debug)]
pub struct SeededRandom {
    seed: u64,
    counter: AtomicU64,
}

impl SeededRandom {
    /// A generator for this seed.
    pub fn new(seed: u64) -> Self {
        Self { seed, counter: AtomicU64::new(0) }
    }
}

impl Random for SeededRandom {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(digest::SHA256_OUTPUT_LEN) {
            let counter = self.counter.fetch_add(1, Ordering::SeqCst);
            let mut input = [0; 16];
            input[..8].copy_from_slice(&self.seed.to_be_bytes());
            input[8..].copy_from_slice(&counter.to_be_bytes());
            let block = digest::digest(&digest::SHA256, &input);
            chunk.copy_from_slice(&block.as_ref()[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        let (one, other) = (SeededRandom::new(7), SeededRandom::new(7));
        assert_eq!(one.uuid_v4(), other.uuid_v4());
        assert_ne!(one.uuid_v4(), SeededRandom::new(8).uuid_v4());
        assert_eq!(one.uuid_v4().get_version_num(), 4);
    }

    #[test]
    fn texts_have_the_asked_length_and_alphabet() {
        let text = SystemRandom.alphanumeric(100);
        assert_eq!(text.len(), 100);
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_eq!(SystemRandom.hex(32).len(), 64);
    }
}
