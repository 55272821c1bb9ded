//! The languages of the Connect page, and which of them a visitor gets.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A language with a catalogue of texts in `assets/i18n`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Language {
    /// BCP 47 tag without a region; also the name of the catalogue.
    pub(crate) code: &'static str,
    /// `ltr` or `rtl`, as in HTML.
    pub(crate) dir: &'static str,
    /// Path of the catalogue among the assets.
    pub(crate) asset: &'static str,
    catalogue: &'static str,
    /// Texts that only pages made on the server need: they travel to no browser.
    pages: &'static str,
}

macro_rules! languages {
    ($($code:literal $dir:literal),* $(,)?) => {
        &[$(Language {
            code: $code,
            dir: $dir,
            asset: concat!("i18n/", $code, ".json"),
            catalogue: include_str!(concat!("../../assets/i18n/", $code, ".json")),
            pages: include_str!(concat!("../../texts/", $code, ".json")),
        }),*]
    };
}

/// English first: it is what everybody else gets.
pub(crate) const LANGUAGES: &[Language] = languages![
    "en" "ltr",
    "ar" "rtl",
    "de" "ltr",
    "es" "ltr",
    "fr" "ltr",
    "it" "ltr",
    "ja" "ltr",
    "nl" "ltr",
    "pl" "ltr",
    "pt" "ltr",
];

type Texts = BTreeMap<String, String>;

static TEXTS: LazyLock<Vec<Texts>> = LazyLock::new(|| {
    let read = |text| serde_json::from_str::<Texts>(text).unwrap_or_default();
    LANGUAGES
        .iter()
        .map(|language| read(language.catalogue).into_iter().chain(read(language.pages)).collect())
        .collect()
});

impl Language {
    /// One text, for the few sentences that stand in the page before any script runs.
    pub(crate) fn text(&self, key: &str) -> &'static str {
        let at = LANGUAGES.iter().position(|language| language == self).unwrap_or(0);
        TEXTS[at].get(key).or_else(|| TEXTS[0].get(key)).map_or("", String::as_str)
    }
}

/// The language asked for in the address, else the best of `Accept-Language` (RFC 9110 §12.5.4:
/// highest weight wins, the first of equals), else English. Regions are ignored.
pub(crate) fn choose_language(asked: Option<&str>, accept_language: Option<&str>) -> &'static Language {
    asked.and_then(find).or_else(|| accept_language.and_then(best)).unwrap_or(&LANGUAGES[0])
}

fn best(header: &str) -> Option<&'static Language> {
    let mut found: Option<(&'static Language, f32)> = None;
    for part in header.split(',') {
        let mut pieces = part.split(';').map(str::trim);
        let tag = pieces.next().unwrap_or_default();
        let weight = pieces
            .find_map(|piece| piece.strip_prefix("q="))
            .map_or(Some(1.0), |text| text.trim().parse::<f32>().ok().filter(|q| (0.0..=1.0).contains(q)));
        let (Some(language), Some(weight)) = (find(tag), weight) else { continue };
        if weight > 0.0 && found.is_none_or(|(_, most)| weight > most) {
            found = Some((language, weight));
        }
    }
    found.map(|(language, _)| language)
}

fn find(tag: &str) -> Option<&'static Language> {
    let primary = tag.split(['-', '_']).next().unwrap_or_default();
    LANGUAGES.iter().find(|language| language.code.eq_ignore_ascii_case(primary))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_wins_over_the_browser() {
        assert_eq!(choose_language(Some("de-CH"), Some("fr")).code, "de");
        assert_eq!(choose_language(Some("xx"), Some("fr")).code, "fr");
        assert_eq!(choose_language(None, None).code, "en");
    }

    #[test]
    fn weights_decide_and_ties_go_to_the_first() {
        for (header, expected) in [
            ("fr;q=0.5, de;q=0.9", "de"),
            ("ES-mx, ja", "es"),
            ("tlh, pl;q=0.1", "pl"),
            ("fr;q=0, nl;q=0.2", "nl"),
            ("fr;q=x, it", "it"),
            ("*", "en"),
            (";;,,", "en"),
        ] {
            assert_eq!(choose_language(None, Some(header)).code, expected, "{header}");
        }
    }

    #[test]
    fn every_language_has_every_text_with_the_same_placeholders() {
        let placeholders = |text: &str| {
            let mut found: Vec<String> = text
                .split('{')
                .skip(1)
                .filter_map(|rest| rest.split('}').next().map(str::to_owned))
                .collect();
            found.sort();
            found
        };
        for (language, texts) in LANGUAGES.iter().zip(TEXTS.iter()) {
            assert_eq!(
                texts.keys().collect::<Vec<_>>(),
                TEXTS[0].keys().collect::<Vec<_>>(),
                "{}",
                language.code
            );
            for (key, text) in texts {
                assert!(!text.trim().is_empty(), "{}: {key}", language.code);
                assert_eq!(placeholders(text), placeholders(&TEXTS[0][key]), "{}: {key}", language.code);
            }
        }
    }
}
