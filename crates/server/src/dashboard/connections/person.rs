//! Whom a connection belongs to, and where its page is.

use dovetail_model::ConnectionInfo;

use crate::dashboard::format::segment;
use crate::dashboard::visit::Visit;

/// A person in one or two lines.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Person {
    /// Display name, else e-mail, else id, else the connection's id.
    pub(super) name: String,
    /// What else tells people apart: e-mail, else id.
    pub(super) second: Option<String>,
}

impl Person {
    /// From the end user, or from the tags that products set instead.
    pub(super) fn of(info: &ConnectionInfo) -> Self {
        let user = info.end_user.as_ref();
        let tag = |name| info.tags.get(name).map(str::to_owned);
        let display =
            user.and_then(|user| user.display_name.clone()).or_else(|| tag("end_user_display_name"));
        let email = user.and_then(|user| user.email.clone()).or_else(|| tag("end_user_email"));
        let id = user.map(|user| user.id.clone()).or_else(|| tag("end_user_id"));
        let mut lines = [display, email, id].into_iter().flatten().filter(|text| !text.is_empty());
        let name = lines.next().unwrap_or_else(|| info.connection_id.clone());
        Self { name, second: lines.next() }
    }
}

/// The page of a connection.
pub(in crate::dashboard) fn href(visit: &Visit, integration: &str, connection_id: &str) -> String {
    visit.path(&format!("/connections/{}/{}", segment(integration), segment(connection_id)))
}
