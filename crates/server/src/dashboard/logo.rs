//! Logos that are uploaded: known formats only, and SVG only when it is a still picture.

use dovetail_model::Logo;
use dovetail_model::limits::MAX_LOGO_BYTES;

/// Why a file is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LogoError {
    /// No bytes.
    #[error("Choose a file first.")]
    Empty,
    /// More than the limit of the model.
    #[error("The file is larger than {} KB. Save it smaller and upload it again.", MAX_LOGO_BYTES / 1024)]
    TooLarge,
    /// Not an image we show.
    #[error("This is not an SVG, PNG, JPEG or WebP image.")]
    UnknownFormat,
    /// The SVG holds scripts, styles from elsewhere, links or entities.
    #[error("This SVG holds {0}. Export it as a plain picture and upload it again.")]
    Active(&'static str),
}

/// Checks a file and names its type by its content, never by what the browser says.
pub(crate) fn accept(bytes: Vec<u8>) -> Result<Logo, LogoError> {
    if bytes.is_empty() {
        return Err(LogoError::Empty);
    }
    if bytes.len() > MAX_LOGO_BYTES {
        return Err(LogoError::TooLarge);
    }
    let content_type = match &bytes[..] {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => "image/png",
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
        _ => {
            let text = std::str::from_utf8(&bytes).map_err(|_| LogoError::UnknownFormat)?;
            check_svg(text)?;
            "image/svg+xml"
        }
    };
    Ok(Logo { content_type: content_type.to_owned(), bytes })
}

/// Refuses instead of rewriting: what passes is exactly what was looked at. It is also served with a policy that
/// lets nothing run.
fn check_svg(text: &str) -> Result<(), LogoError> {
    let lower = text.trim_start_matches('\u{feff}').to_ascii_lowercase();
    let start = lower.trim_start();
    if !(start.starts_with("<svg") || start.starts_with("<?xml") || start.starts_with("<!--"))
        || !lower.contains("<svg")
    {
        return Err(LogoError::UnknownFormat);
    }
    let unprefixed = without_prefixes(&lower);
    for (needle, what) in [
        ("<!doctype", "a document type"),
        ("<!entity", "entities"),
        ("<script", "scripts"),
        ("<foreignobject", "foreign content"),
        ("<iframe", "foreign content"),
        ("<embed", "foreign content"),
        ("<object", "foreign content"),
        ("<handler", "scripts"),
        ("<set", "animations"),
        ("<animate", "animations"),
        ("<a ", "links"),
        ("<a>", "links"),
        ("<image", "other images"),
        ("<?xml-stylesheet", "styles from elsewhere"),
        ("@import", "styles from elsewhere"),
        ("javascript:", "scripts"),
        // An entity can spell any of the above.
        ("&#", "character references"),
    ] {
        if lower.contains(needle) || unprefixed.contains(needle) {
            return Err(LogoError::Active(what));
        }
    }
    check_attributes(&lower)
}

/// The text with every element's name as if its namespace had no prefix: `<s:script` is a script too.
fn without_prefixes(lower: &str) -> String {
    let mut elements = lower.split('<');
    let mut text = elements.next().unwrap_or_default().to_owned();
    for element in elements {
        let end =
            element.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).unwrap_or(element.len());
        let local = element[..end].rfind(':').map_or(element, |colon| &element[colon + 1..]);
        text.push('<');
        text.push_str(local);
    }
    text
}

/// No event handlers, and references only within the picture.
fn check_attributes(lower: &str) -> Result<(), LogoError> {
    for (at, _) in lower.match_indices('=') {
        let name_end = lower[..at].trim_end();
        let name: String = name_end
            .chars()
            .rev()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_'))
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        let value = lower[at + 1..].trim_start().trim_start_matches(['"', '\'']).trim_start();
        if name.starts_with("on") {
            return Err(LogoError::Active("scripts"));
        }
        if (name == "href" || name.ends_with(":href")) && !value.starts_with('#') {
            return Err(LogoError::Active("links"));
        }
    }
    for (at, found) in lower.match_indices("url(") {
        let target = lower[at + found.len()..].trim_start().trim_start_matches(['"', '\'']);
        if !target.starts_with('#') {
            return Err(LogoError::Active("styles from elsewhere"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kind(text: &str) -> Result<String, LogoError> {
        accept(text.as_bytes().to_vec()).map(|logo| logo.content_type)
    }

    #[test]
    fn a_still_picture_is_taken() {
        let svg = r##"<svg xmlns="http://www.w3.org/2000/svg"><defs><linearGradient id="g"/></defs>
            <path fill="url(#g)" d="M0 0h4v4z"/><use href="#g"/></svg>"##;
        assert_eq!(kind(svg).as_deref(), Ok("image/svg+xml"));
        let drawn = "<svg:svg xmlns:svg='http://www.w3.org/2000/svg'><svg:path d='M0 0'/><dc:title>x</dc:title></svg:svg>";
        assert_eq!(kind(drawn).as_deref(), Ok("image/svg+xml"));
        let png = accept(b"\x89PNG\r\n\x1a\nrest".to_vec()).unwrap();
        assert_eq!(png.content_type, "image/png");
    }

    #[test]
    fn anything_that_acts_or_reaches_out_is_refused() {
        for bad in [
            "<svg><script>alert(1)</script></svg>",
            "<svg xmlns:s='http://www.w3.org/2000/svg'><s:script>alert(1)</s:script></svg>",
            "<svg xmlns:s='http://www.w3.org/2000/svg'><s:a href='#x'/></svg>",
            "<svg onload=alert(1)></svg>",
            "<svg OnLoad = 'x'></svg>",
            r#"<svg><use href="https://evil.test/x.svg#a"/></svg>"#,
            "<svg><use xlink:href='data:image/svg+xml,x'/></svg>",
            "<svg><style>@import 'https://evil.test'</style></svg>",
            r#"<svg><rect fill="url(https://evil.test/#a)"/></svg>"#,
            "<!DOCTYPE svg [<!ENTITY x 'y'>]><svg/>",
            "<?xml version='1.0'?><!DOCTYPE svg><svg/>",
            "<svg><foreignObject/></svg>",
            "<svg><a href='#x'/></svg>",
            "<svg><text>&#x6a;</text></svg>",
        ] {
            assert!(kind(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn other_files_and_sizes_are_refused() {
        assert_eq!(kind("GIF89a"), Err(LogoError::UnknownFormat));
        assert_eq!(kind("<html><svg/></html>"), Err(LogoError::UnknownFormat));
        assert_eq!(kind(""), Err(LogoError::Empty));
        assert_eq!(accept(vec![0; MAX_LOGO_BYTES + 1]), Err(LogoError::TooLarge));
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let taken = accept(bytes.clone());
            prop_assert!(taken.is_err() || taken.unwrap().bytes == bytes);
        }
    }
}
