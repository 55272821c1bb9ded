//! Chance as an argument.

use std::cell::RefCell;
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

/// The operating system's generator, by way of the cryptographic library's.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, buffer: &mut [u8]) {
        // What may become a key comes straight from the generator.
        if buffer.len() > MAX_STOCKED {
            return draw(buffer);
        }
        STOCK.with_borrow_mut(|stock| stock.take(buffer));
    }
}

#[expect(clippy::expect_used, reason = "a machine without randomness must not go on making keys")]
fn draw(buffer: &mut [u8]) {
    rand::fill(buffer).expect("the operating system gives random bytes");
}

/// Bytes drawn at once: asking for sixteen costs nearly as much as asking for all of these.
const STOCK_BYTES: usize = 512;
/// Longest request that the stock answers: an identifier.
const MAX_STOCKED: usize = 16;

thread_local! {
    static STOCK: RefCell<Stock> = const { RefCell::new(Stock { bytes: [0; STOCK_BYTES], left: 0 }) };
}

/// Random bytes that were not used yet. Each is given once and forgotten.
struct Stock {
    bytes: [u8; STOCK_BYTES],
    left: usize,
}

impl Stock {
    fn take(&mut self, buffer: &mut [u8]) {
        if self.left < buffer.len() {
            draw(&mut self.bytes);
            self.left = STOCK_BYTES;
        }
        let taken = &mut self.bytes[self.left - buffer.len()..self.left];
        buffer.copy_from_slice(taken);
        taken.fill(0);
        self.left -= buffer.len();
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
    fn no_byte_of_the_stock_is_given_twice() {
        let drawn: std::collections::HashSet<_> = (0..1000).map(|_| SystemRandom.uuid_v4()).collect();
        assert_eq!(drawn.len(), 1000);
        // A request that does not fit into what is left.
        let mut stock = Stock { bytes: [7; STOCK_BYTES], left: 3 };
        let mut buffer = [0; MAX_STOCKED];
        stock.take(&mut buffer);
        assert_eq!(stock.left, STOCK_BYTES - MAX_STOCKED);
        assert_eq!(stock.bytes[stock.left..], [0; MAX_STOCKED]);
        assert_ne!(buffer, [7; MAX_STOCKED]);
    }

    #[test]
    fn texts_have_the_asked_length_and_alphabet() {
        let text = SystemRandom.alphanumeric(100);
        assert_eq!(text.len(), 100);
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_eq!(SystemRandom.hex(32).len(), 64);
    }
}
