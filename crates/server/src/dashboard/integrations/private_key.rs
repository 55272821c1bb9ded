//! The private key of an app, as it is downloaded and pasted.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The labels that the key of an app may have: PKCS#1, as GitHub gives it, and PKCS#8.
const LABELS: [&str; 2] = ["RSA PRIVATE KEY", "PRIVATE KEY"];

/// The key with line ends as they should be; `None` when it is no RSA key in PEM form.
pub(super) fn accept(typed: &str) -> Option<String> {
    let text = typed.replace("\r\n", "\n").replace("\\n", "\n");
    let text = text.trim();
    let body = LABELS.iter().find_map(|label| {
        let text = text.strip_prefix(&format!("-----BEGIN {label}-----"))?;
        text.strip_suffix(&format!("-----END {label}-----"))
    })?;
    let base64: String = body.split_whitespace().collect();
    STANDARD.decode(base64).ok().filter(|der| !der.is_empty())?;
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_key_are_taken_and_nothing_else() {
        for label in LABELS {
            let key = format!("-----BEGIN {label}-----\nTUlJ\nRQ==\n-----END {label}-----");
            assert_eq!(accept(&format!("  {key}\n")).as_ref(), Some(&key));
            assert_eq!(accept(&key.replace('\n', "\r\n")).as_ref(), Some(&key));
            assert_eq!(accept(&key.replace('\n', "\\n")).as_ref(), Some(&key));
        }
        for wrong in [
            "",
            "TUlJRQ==",
            "-----BEGIN CERTIFICATE-----\nTUlJRQ==\n-----END CERTIFICATE-----",
            "-----BEGIN PRIVATE KEY-----\nnot base64!\n-----END PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\nTUlJRQ==\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY----------END PRIVATE KEY-----",
        ] {
            assert_eq!(accept(wrong), None, "{wrong}");
        }
    }
}
