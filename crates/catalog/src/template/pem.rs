//! Keys as people paste them: with literal `\n`, without line breaks, with or without labels.

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// The DER inside a PEM text. Labels, whitespace and literal `\n` are dropped; bare base64 is accepted.
pub fn pem_to_der(text: &str) -> Option<Vec<u8>> {
    let text = text.replace("\\n", "\n").replace("\\r", "");
    let inside = match text.find("-----BEGIN") {
        Some(begin) => {
            let after_label = text[begin + 10..].find("-----").map(|at| begin + 10 + at + 5)?;
            let end = text[after_label..].find("-----END").map_or(text.len(), |at| after_label + at);
            &text[after_label..end]
        }
        None => &text,
    };
    let compact: String = inside.chars().filter(|c| !c.is_whitespace()).collect();
    STANDARD.decode(compact).ok().filter(|der| !der.is_empty())
}
