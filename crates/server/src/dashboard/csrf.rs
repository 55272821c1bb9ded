//! Cross-site request forgery: every form carries a token bound to the
//! visitor's cookie.
//!
//! The token is an HMAC of a fixed text under the secret cookie value, so
//! nothing is stored and a token of one session is worthless in another. Each
//! page masks it with fresh random bytes, which keeps compressed answers from
//! leaking it (the BREACH attack).

use aws_lc_rs::{constant_time, hmac};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use dovetail_model::Random;

/// The text under the HMAC; a new version makes all older tokens invalid.
const PURPOSE: &[u8] = b"dovetail dashboard form v1";
/// Length of an HMAC-SHA256, in bytes.
const MAC_BYTES: usize = 32;

/// The name of the hidden field.
pub(crate) const FIELD: &str = "csrf";

/// A token for one page of the visitor whose cookie holds `cookie`.
pub(crate) fn issue(cookie: &str, random: &dyn Random) -> String {
    let mut mask = [0_u8; MAC_BYTES];
    random.fill(&mut mask);
    let mac = mac_of(cookie);
    let mut bytes = mask.to_vec();
    bytes.extend(mask.iter().zip(mac.as_ref()).map(|(m, t)| m ^ t));
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Whether `token` was issued for the visitor whose cookie holds `cookie`.
pub(crate) fn accepts(cookie: &str, token: &str) -> bool {
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else {
        return false;
    };
    if bytes.len() != 2 * MAC_BYTES {
        return false;
    }
    let (mask, masked) = bytes.split_at(MAC_BYTES);
    let given: Vec<u8> = mask.iter().zip(masked).map(|(m, t)| m ^ t).collect();
    constant_time::verify_slices_are_equal(&given, mac_of(cookie).as_ref()).is_ok()
}

fn mac_of(cookie: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, cookie.as_bytes()), PURPOSE)
}

#[cfg(test)]
mod tests {
    use dovetail_model::SeededRandom;

    use super::*;

    #[test]
    fn a_token_is_accepted_for_its_own_cookie_only() {
        let token = issue("session-a", &SeededRandom::new(7));
        assert!(accepts("session-a", &token));
        assert!(!accepts("session-b", &token));
    }

    #[test]
    fn two_pages_of_one_session_carry_different_tokens() {
        let random = SeededRandom::new(7);
        assert_ne!(issue("session-a", &random), issue("session-a", &random));
    }

    #[test]
    fn a_changed_or_cut_token_is_refused() {
        let token = issue("session-a", &SeededRandom::new(7));
        assert!(!accepts("session-a", ""));
        assert!(!accepts("session-a", &token[..token.len() - 2]));
        let mut changed = token.into_bytes();
        changed[3] = if changed[3] == b'A' { b'B' } else { b'A' };
        assert!(!accepts("session-a", &String::from_utf8(changed).unwrap()));
    }
}
