//! The code that a person carries from one device to the browser of another (RFC 8628, section 6.1).

use crate::{Random, Secret};

/// Consonants of the Latin alphabet without Y: no digit to confuse with a letter, no word by accident, found on every
/// keyboard of a phone, upper and lower case alike.
const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// Letters of a code: 20^9 of them are 38.9 bits. With the few tries that a server allows in the minutes that a code
/// lives, one guess in a hundred thousand such spans hits one of a thousand codes (RFC 8628, section 5.1).
const LETTERS: usize = 9;

/// Letters of a group as it is shown: `WDJ-BMT-HTK`.
const GROUP: usize = 3;

/// A fresh code, as it is stored: without hyphens.
pub fn new_pairing_code(random: &dyn Random) -> Secret {
    let mut code = String::with_capacity(LETTERS);
    let mut buffer = [0; 16];
    while code.len() < LETTERS {
        random.fill(&mut buffer);
        // 240 = 12 * 20: bytes above would favour the first letters.
        let letters = buffer.iter().filter(|byte| **byte < 240).map(|byte| ALPHABET[usize::from(byte % 20)]);
        code.extend(letters.take(LETTERS - code.len()).map(char::from));
    }
    Secret::new(code)
}

/// A code as somebody typed it: case, hyphens, spaces and other signs do not count. `None` when it cannot be one.
pub fn read_pairing_code(typed: &str) -> Option<Secret> {
    let letters: String = typed
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_uppercase)
        .take(LETTERS + 1)
        .collect();
    let is_code = letters.len() == LETTERS && letters.bytes().all(|letter| ALPHABET.contains(&letter));
    is_code.then(|| Secret::new(letters))
}

/// A code as it is shown: in groups of three.
pub fn show_pairing_code(code: &Secret) -> String {
    let letters: Vec<char> = code.expose().chars().collect();
    letters.chunks(GROUP).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededRandom;

    #[test]
    fn a_code_reads_back_however_it_is_typed() {
        let code = new_pairing_code(&SeededRandom::new(4));
        let shown = show_pairing_code(&code);
        assert_eq!(shown.len(), LETTERS + 2);
        for typed in
            [shown.clone(), shown.to_lowercase(), shown.replace('-', " "), format!("  {}.", code.expose())]
        {
            assert_eq!(read_pairing_code(&typed), Some(code.clone()), "{typed}");
        }
    }

    #[test]
    fn what_cannot_be_a_code_is_not_looked_for() {
        for typed in
            ["", "BCD-FGH-JK", "BCD-FGH-JKL-M", "BCD-FGH-JKA", "BCD-FGH-JK1", "ééé-ééé-ééé", "ßßß-ßß"]
        {
            assert_eq!(read_pairing_code(typed), None, "{typed}");
        }
    }

    #[test]
    fn letters_are_evenly_spread() {
        let random = SeededRandom::new(1);
        let mut counts = [0_u32; 256];
        for _ in 0..2_000 {
            for letter in new_pairing_code(&random).expose().bytes() {
                counts[usize::from(letter)] += 1;
            }
        }
        for letter in ALPHABET {
            // 900 expected; five standard deviations are 146.
            assert!(counts[usize::from(*letter)].abs_diff(900) < 146, "{}", char::from(*letter));
        }
    }
}
