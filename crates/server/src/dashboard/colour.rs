//! Colours of the Connect page: `#rrggbb`, and how well they stand out.

/// A colour as written in the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rgb([u8; 3]);

/// The page behind the button, as in `tokens.css` (`--surface`).
pub(crate) const LIGHT_SURFACE: Rgb = Rgb([255, 255, 255]);
/// The same in the dark theme.
pub(crate) const DARK_SURFACE: Rgb = Rgb([23, 26, 29]);

/// Least contrast of a control with what is beside it (WCAG 2.2, 1.4.11).
const ENOUGH: f64 = 3.0;

impl Rgb {
    /// Reads `#rgb` or `#rrggbb`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let long: String = match digits.len() {
            3 => digits.chars().flat_map(|c| [c, c]).collect(),
            6 => digits.to_owned(),
            _ => return None,
        };
        let bytes = hex::decode(long).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }

    /// `#rrggbb`, what a colour picker understands.
    pub(crate) fn hex(self) -> String {
        format!("#{}", hex::encode(self.0))
    }

    /// Contrast ratio of two colours, 1 to 21 (WCAG 2.2).
    pub(crate) fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn luminance(self) -> f64 {
        let [r, g, b] = self.0.map(|part| {
            let value = f64::from(part) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        });
        0.212_6 * r + 0.715_2 * g + 0.072_2 * b
    }
}

/// What to say about a colour on a surface, and whether it stands out.
pub(crate) fn advice(colour: Rgb, surface: Rgb) -> (String, bool) {
    let ratio = colour.contrast(surface);
    if ratio >= ENOUGH {
        return (format!("Contrast with the page {ratio:.1}:1."), true);
    }
    let better = if surface == LIGHT_SURFACE { "darker" } else { "lighter" };
    let text = format!(
        "Contrast with the page is {ratio:.1}:1, below 3:1. The button is hard to see; choose a {better} colour."
    );
    (text, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lengths_are_read_and_nothing_else() {
        assert_eq!(Rgb::parse("#0af").map(Rgb::hex).as_deref(), Some("#00aaff"));
        assert_eq!(Rgb::parse("#00B2E3").map(Rgb::hex).as_deref(), Some("#00b2e3"));
        for bad in ["", "00b2e3", "#00b2e", "#00b2eg", "red", "#fff;x:y", "#ééé"] {
            assert_eq!(Rgb::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn contrast_follows_wcag() {
        let black = Rgb::parse("#000").unwrap();
        assert!((black.contrast(LIGHT_SURFACE) - 21.0).abs() < 0.01);
        let pale = Rgb::parse("#ffee88").unwrap();
        assert!(!advice(pale, LIGHT_SURFACE).1);
        assert!(advice(pale, DARK_SURFACE).1);
    }
}
