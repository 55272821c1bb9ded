//! What can go wrong on any page, and how it is told.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header::CONTENT_TYPE};

use dovetail_store::StoreError;

use super::page::see_other;
use crate::wire::{ApiError, Internal};

/// A page that cannot be shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PageError {
    /// Nobody is signed in; after signing in the browser goes to `next`.
    #[error("not signed in")]
    SignedOut {
        /// The page that was asked for.
        next: String,
    },
    /// There is no such page or thing.
    #[error("{what} is not found")]
    NotFound {
        /// What was looked for, as read by a person.
        what: &'static str,
        /// Where to go on.
        back: String,
    },
    /// The form was not made by a page of this session.
    #[error("the form does not belong to this session")]
    Forgery,
    /// The account may not do this.
    #[error("not permitted")]
    Forbidden,
    /// The environment is sealed.
    #[error("the environment is sealed")]
    Sealed,
    /// The body is larger than the form allows.
    #[error("the form is too large")]
    TooLarge,
    /// The body is no form.
    #[error("the form cannot be read")]
    Malformed,
    /// A template failed to render; a defect.
    #[error("a page did not render")]
    Template(#[source] askama::Error),
    /// An action failed in a way nobody expects.
    #[error("an action failed")]
    Api(ApiError),
    /// Something below failed.
    #[error("the page failed: {0}")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl PageError {
    /// Wraps an error of a lower room.
    pub(crate) fn internal(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Internal(Box::new(error))
    }

    /// A missing thing of an environment.
    pub(crate) fn not_found(what: &'static str, back: impl Into<String>) -> Self {
        Self::NotFound { what, back: back.into() }
    }
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        if error.refuses_text() { Self::Malformed } else { Self::internal(error) }
    }
}

#[derive(Template)]
#[template(path = "dashboard/message.html")]
struct Message<'a> {
    status: u16,
    title: &'a str,
    text: &'a str,
    href: &'a str,
    link: &'a str,
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        const HOME: (&str, &str) = ("/dashboard", "Go to the dashboard");
        if let Self::Api(error) = self {
            return Self::Internal(cause_of(error)).into_response();
        }
        let owned;
        let (status, title, text, (href, link)) = match &self {
            Self::SignedOut { next } => {
                let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
                return see_other(&format!("/dashboard/sign-in?next={next}"));
            }
            Self::NotFound { what, back } => {
                owned = format!(
                    "{what} is not here. It may have been deleted, or the address has a typing error."
                );
                (StatusCode::NOT_FOUND, "Not found", owned.as_str(), (back.as_str(), "Go back"))
            }
            Self::Forgery => (
                StatusCode::FORBIDDEN,
                "This form is out of date",
                "It was opened in another session, or by another site. Nothing was changed. Open the page again and repeat what you did.",
                HOME,
            ),
            Self::Forbidden => (
                StatusCode::FORBIDDEN,
                "Not permitted",
                "This account may not do that. The owner of this server can.",
                HOME,
            ),
            Self::Sealed => (
                StatusCode::FORBIDDEN,
                "This environment is sealed",
                "Its secrets are shown to nobody. An administrator can unseal it in its settings.",
                HOME,
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "Too much data",
                "The form or file is larger than this page accepts. Nothing was changed.",
                HOME,
            ),
            Self::Malformed => (
                StatusCode::BAD_REQUEST,
                "The form cannot be read",
                "The browser sent something this page does not understand. Nothing was changed.",
                HOME,
            ),
            Self::Api(_) | Self::Template(_) | Self::Internal(_) => {
                tracing::error!(error = %self, "dashboard page failed");
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "Something failed on the server",
                    "The log of the server has the cause. Try again in a moment.",
                    HOME,
                )
            }
        };
        let page = Message { status: status.as_u16(), title, text, href, link };
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        let body = page.render().unwrap_or_else(|_| title.to_owned());
        (status, [(CONTENT_TYPE, html)], body).into_response()
    }
}

/// What an action's failure keeps for the log; it travels in the extensions of its answer.
fn cause_of(error: ApiError) -> Box<dyn std::error::Error + Send + Sync> {
    let text = error.to_string();
    let answer = error.into_response();
    answer.extensions().get::<Internal>().map_or(text, |internal| internal.source.to_string()).into()
}
