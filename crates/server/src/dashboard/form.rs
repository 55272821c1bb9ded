//! Submitted forms: bounded, and refused when another site or session made them.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Request};
use dovetail_model::Secret;
use http::HeaderMap;

use super::error::PageError;
use super::limits::FORM_BYTES;
use super::{cookies, csrf};
use crate::state::AppState;

/// The fields of a form of a signed-in person.
#[derive(Debug)]
pub(crate) struct Fields(Vec<(String, Secret)>);

/// The fields of a form before sign-in.
#[derive(Debug)]
pub(crate) struct DoorFields(pub Fields);

impl Fields {
    /// A field without surrounding white space; empty when it is absent.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.secret(name).map_or("", |value| value.expose().trim())
    }

    /// A field, `None` when it is absent or blank.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        Some(self.get(name)).filter(|value| !value.is_empty()).map(str::to_owned)
    }

    /// A field exactly as typed.
    pub(crate) fn secret(&self, name: &str) -> Option<&Secret> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value)
    }

    /// Every value of a repeated field.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(given, _)| given == name).map(|(_, value)| value.expose().trim())
    }

    /// Fields whose names begin with `prefix`, without it.
    pub(crate) fn prefixed<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0
            .iter()
            .filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.expose().trim())))
    }

    /// Whether a switch is on.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.get(name) == "true"
    }

    async fn read(request: Request, cookie: &str) -> Result<Self, PageError> {
        let (parts, body) = request.into_parts();
        refuse_other_sites(&parts.headers)?;
        let value = cookies::read(&parts.headers, cookie).ok_or(PageError::Forgery)?.to_owned();
        let fields = Self::parse(body).await?;
        if !csrf::accepts(&value, fields.get(csrf::FIELD)) {
            return Err(PageError::Forgery);
        }
        Ok(fields)
    }

    async fn parse(body: Body) -> Result<Self, PageError> {
        let bytes = to_bytes(body, FORM_BYTES).await.map_err(|_| PageError::TooLarge)?;
        let fields: Vec<_> = url::form_urlencoded::parse(&bytes)
            .map(|(name, value)| (name.into_owned(), Secret::new(value.into_owned())))
            .collect();
        if fields.iter().any(|(name, value)| name.contains('\0') || value.expose().contains('\0')) {
            return Err(PageError::Malformed);
        }
        Ok(Self(fields))
    }
}

/// Refuses what a browser says comes from another site. The token in the form is the real guard; this one costs
/// nothing.
pub(super) fn refuse_other_sites(headers: &HeaderMap) -> Result<(), PageError> {
    let site = headers.get("sec-fetch-site").map_or(&b""[..], |value| value.as_bytes());
    if site == b"cross-site" || site == b"same-site" { Err(PageError::Forgery) } else { Ok(()) }
}

impl FromRequest<AppState> for Fields {
    type Rejection = PageError;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, PageError> {
        Self::read(request, cookies::SESSION).await
    }
}

impl FromRequest<AppState> for DoorFields {
    type Rejection = PageError;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, PageError> {
        Fields::read(request, cookies::DOOR).await.map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn parse(body: &'static str) -> Result<Fields, PageError> {
        Fields::parse(Body::from(body)).await
    }

    #[tokio::test]
    async fn fields_are_found_by_name_and_repeated_ones_kept() {
        let fields = parse("a=+x+&scope=1&scope=2&on=true&config.k=v").await.unwrap();
        assert_eq!(fields.get("a"), "x");
        assert_eq!(fields.secret("a").unwrap().expose(), " x ");
        assert_eq!(fields.all("scope").collect::<Vec<_>>(), ["1", "2"]);
        assert!(fields.flag("on") && !fields.flag("off"));
        assert_eq!(fields.prefixed("config.").collect::<Vec<_>>(), [("k", "v")]);
        assert_eq!(fields.text("none"), None);
    }

    #[tokio::test]
    async fn a_form_above_the_limit_or_with_nul_is_refused() {
        let large = Body::from("a=".to_owned() + &"x".repeat(FORM_BYTES));
        assert!(matches!(Fields::parse(large).await, Err(PageError::TooLarge)));
        assert!(matches!(parse("a=%00").await, Err(PageError::Malformed)));
    }

    #[test]
    fn a_post_from_another_site_is_refused() {
        let mut headers = HeaderMap::new();
        assert!(refuse_other_sites(&headers).is_ok());
        headers.insert("sec-fetch-site", "same-origin".parse().unwrap());
        assert!(refuse_other_sites(&headers).is_ok());
        headers.insert("sec-fetch-site", "cross-site".parse().unwrap());
        assert!(refuse_other_sites(&headers).is_err());
    }
}
