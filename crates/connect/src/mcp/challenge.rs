//! The `WWW-Authenticate` challenge of a protected resource (RFC 6750 section 3, RFC 9728 section 5.1).

use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;

/// What a challenge says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Challenge {
    /// Where the resource's metadata are.
    pub(super) resource_metadata: Option<String>,
    /// The scopes that the request needs, separated by spaces.
    pub(super) scope: Option<String>,
}

impl Challenge {
    /// Of the first `Bearer` challenge.
    pub(super) fn read(headers: &HeaderMap) -> Self {
        headers
            .get_all(WWW_AUTHENTICATE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .find_map(|value| {
                let at = value.to_ascii_lowercase().find("bearer")?;
                Some(Self::parse(&value[at + "bearer".len()..]))
            })
            .unwrap_or_default()
    }

    fn parse(mut rest: &str) -> Self {
        let mut challenge = Self::default();
        while let Some((name, value, after)) = parameter(rest) {
            match name.to_ascii_lowercase().as_str() {
                "resource_metadata" => challenge.resource_metadata = Some(value),
                "scope" => challenge.scope = Some(value),
                _ => {}
            }
            rest = after;
        }
        challenge
    }
}

/// The next `name=value` or `name="value"`, and what follows it.
fn parameter(text: &str) -> Option<(&str, String, &str)> {
    let text = text.trim_start_matches([' ', '\t', ',']);
    let (name, rest) = text.split_once('=')?;
    let name = name.trim();
    let rest = rest.trim_start();
    let Some(quoted) = rest.strip_prefix('"') else {
        let end = rest.find([',', ' ']).unwrap_or(rest.len());
        return Some((name, rest[..end].to_owned(), &rest[end..]));
    };
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((name, value, &quoted[at + 1..])),
            '\\' => value.extend(letters.next().map(|(_, escaped)| escaped)),
            letter => value.push(letter),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn read(value: &'static str) -> Challenge {
        let mut headers = HeaderMap::new();
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(value));
        Challenge::read(&headers)
    }

    #[test]
    fn quoted_and_bare_parameters_are_read() {
        let expected = Challenge {
            resource_metadata: Some("https://mcp.test/.well-known/oauth-protected-resource".to_owned()),
            scope: Some("a:read b".to_owned()),
        };
        for value in [
            r#"Bearer error="invalid_token", scope="a:read b", resource_metadata="https://mcp.test/.well-known/oauth-protected-resource""#,
            r#"bearer resource_metadata=https://mcp.test/.well-known/oauth-protected-resource, scope="a:\read b""#,
        ] {
            assert_eq!(read(value), expected, "{value}");
        }
    }

    #[test]
    fn other_schemes_and_broken_challenges_say_nothing() {
        for value in [r#"Basic realm="x""#, "Bearer", r#"Bearer scope="never closed"#, "Bearer =,"] {
            assert_eq!(read(value).resource_metadata, None, "{value}");
        }
    }
}
