//! `GET /dashboard/{environment}/webhooks`: what was sent to the backend, and what could not be.

use askama::Template;

use crate::dashboard::format::When;
use crate::dashboard::parts::{Pages, Status};
use crate::dashboard::shell::Shell;

pub(crate) struct Row {
    pub(crate) href: String,
    pub(crate) event: String,
    pub(crate) url: String,
    pub(crate) status: Status,
    pub(crate) attempts: u32,
    pub(crate) next: Option<When>,
    pub(crate) created: When,
}

pub(crate) struct StateTab {
    pub(crate) label: &'static str,
    pub(crate) href: String,
    pub(crate) current: bool,
}

#[derive(Template)]
#[template(path = "dashboard/webhooks/list.html")]
pub(crate) struct ListPage {
    pub(crate) shell: Shell,
    pub(crate) no_url: bool,
    pub(crate) filtered: bool,
    pub(crate) tabs: Vec<StateTab>,
    pub(crate) rows: Vec<Row>,
    pub(crate) pages: Pages,
}
