//! Logos for providers that have none: a rounded tile with the first letters of the name.

use dovetail_catalog::escape_html;

/// Hues of tiles, in degrees of OKLCH, far enough apart to tell neighbours in a list.
const HUES: [u16; 12] = [15, 45, 75, 105, 140, 165, 190, 215, 245, 275, 305, 335];

/// An SVG of 64 by 64 units. `name` picks the colour, `display_name` the letters.
pub fn monogram(name: &str, display_name: &str) -> String {
    let hue = HUES[usize::from(fold(name)) % HUES.len()];
    let letters = escape(&initials(display_name));
    let title = escape(display_name);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 64 64\" width=\"64\" height=\"64\" role=\"img\">\
         <title>{title}</title>\
         <rect width=\"64\" height=\"64\" rx=\"14\" fill=\"oklch(92% .05 {hue})\"/>\
         <rect x=\".75\" y=\".75\" width=\"62.5\" height=\"62.5\" rx=\"13.25\" fill=\"none\" stroke=\"oklch(80% .07 {hue})\" stroke-width=\"1.5\"/>\
         <text x=\"32\" y=\"33\" fill=\"oklch(38% .1 {hue})\" font-family=\"system-ui,sans-serif\" font-size=\"26\" font-weight=\"600\" text-anchor=\"middle\" dominant-baseline=\"central\">{letters}</text>\
         </svg>"
    )
}

/// A small number that is the same for the same name in every version.
fn fold(name: &str) -> u8 {
    name.bytes().fold(7, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte))
}

/// The first letters of the first two words; of one word, its first two characters.
fn initials(name: &str) -> String {
    let mut words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let (first, second) = (words.next().unwrap_or("?"), words.next());
    let mut letters: String = first.chars().take(1).flat_map(char::to_uppercase).take(1).collect();
    match second {
        Some(second) => letters.extend(second.chars().take(1).flat_map(char::to_uppercase).take(1)),
        None => letters.extend(first.chars().skip(1).take(1)),
    }
    letters
}

/// Text in a document that, unlike HTML, may hold no control characters.
fn escape(text: &str) -> String {
    escape_html(&text.replace(char::is_control, ""))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn letters_come_from_the_words_of_the_name() {
        assert_eq!(initials("Coda"), "Co");
        assert_eq!(initials("Active Campaign"), "AC");
        assert_eq!(initials("GitHub (Personal)"), "GP");
        assert_eq!(initials("…"), "?");
    }

    #[test]
    fn the_same_name_has_the_same_tile() {
        assert_eq!(monogram("coda", "Coda"), monogram("coda", "Coda"));
        assert_ne!(monogram("coda", "X"), monogram("ordinal", "X"));
    }

    proptest! {
        #[test]
        fn no_name_can_add_markup(name in ".{0,40}") {
            let svg = monogram("x", &name);
            prop_assert_eq!(svg.matches('<').count(), 8);
            prop_assert_eq!(svg.matches('>').count(), 8);
        }
    }
}
