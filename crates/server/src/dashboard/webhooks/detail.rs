//! `GET /dashboard/{environment}/webhooks/{id}`: one delivery and its attempts.

use askama::Template;

use crate::dashboard::format::When;
use crate::dashboard::parts::{Entry, Status};
use crate::dashboard::shell::Shell;

#[derive(Template)]
#[template(path = "dashboard/webhooks/detail.html")]
pub(crate) struct DetailPage {
    pub(crate) shell: Shell,
    pub(crate) href: String,
    pub(crate) id: String,
    pub(crate) url: String,
    pub(crate) status: Status,
    pub(crate) attempt_count: u32,
    pub(crate) attempts: Vec<Entry>,
    pub(crate) next: Option<When>,
    pub(crate) created: When,
    pub(crate) body: String,
    pub(crate) can_replay: bool,
}
