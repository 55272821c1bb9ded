//! What surrounds every page of an environment: rail, title, breadcrumb, notices.

use super::format::segment;

/// Themes a person can choose for the dashboard.
pub(crate) const THEMES: [&str; 3] = ["system", "light", "dark"];

/// The entries of the rail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    /// Getting started.
    Start,
    /// Integrations.
    Integrations,
    /// Connections.
    Connections,
    /// The activity log.
    Activity,
    /// Webhook deliveries.
    Webhooks,
    /// Environment settings.
    Settings,
    /// The person and the server as a whole; not in the rail, but at its foot.
    Account,
}

impl Section {
    /// In the order of the rail.
    pub(crate) const ALL: &[Self] =
        &[Self::Start, Self::Integrations, Self::Connections, Self::Activity, Self::Webhooks, Self::Settings];

    /// Below `/dashboard/{environment}`.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Start => "",
            Self::Integrations => "/integrations",
            Self::Connections => "/connections",
            Self::Activity => "/activity",
            Self::Webhooks => "/webhooks",
            Self::Settings => "/settings",
            Self::Account => "/account",
        }
    }

    /// As read in the rail.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Start => "Getting started",
            Self::Integrations => "Integrations",
            Self::Connections => "Connections",
            Self::Activity => "Activity",
            Self::Webhooks => "Webhooks",
            Self::Settings => "Settings",
            Self::Account => "Account",
        }
    }

    /// A symbol of `icons.svg`.
    pub(crate) const fn icon(self) -> &'static str {
        match self {
            Self::Start => "home",
            Self::Integrations => "grid",
            Self::Connections => "link",
            Self::Activity => "activity",
            Self::Webhooks => "hook",
            Self::Settings => "gear",
            Self::Account => "users",
        }
    }
}

/// An environment as the switch shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EnvironmentView {
    /// Its name.
    pub name: String,
    /// Whether it is marked as production.
    pub production: bool,
    /// Whether nobody is shown its secrets.
    pub sealed: bool,
    /// Where choosing it leads.
    pub href: String,
}

/// One step of the breadcrumb.
#[derive(Clone, Debug)]
pub(crate) struct Crumb {
    /// As read.
    pub label: String,
    /// Where it leads.
    pub href: String,
}

/// The frame of one page.
#[derive(Clone, Debug)]
pub(crate) struct Shell {
    /// Title of page and window.
    pub title: String,
    /// `/dashboard/{environment}`.
    pub base: String,
    /// The lit entry of the rail.
    pub section: Section,
    /// The way back; empty on the pages of the rail.
    pub crumbs: Vec<Crumb>,
    /// The environment the page shows.
    pub env: EnvironmentView,
    /// All of them.
    pub environments: Vec<EnvironmentView>,
    /// Who is signed in.
    pub email: String,
    /// The token of the page's forms.
    pub csrf: String,
    /// One of [`THEMES`].
    pub theme: &'static str,
    /// Whether outbound requests go to the simulator.
    pub simulated: bool,
    /// What has just been done.
    pub done: Option<&'static str>,
}

impl Shell {
    /// Adds a step to the breadcrumb; `path` lies below the environment.
    pub(crate) fn crumb(mut self, label: impl Into<String>, path: &str) -> Self {
        let href = format!("{}{path}", self.base);
        self.crumbs.push(Crumb { label: label.into(), href });
        self
    }
}

/// The address of an environment's pages.
pub(crate) fn base_of(environment: &str) -> String {
    format!("/dashboard/{}", segment(environment))
}

/// What `?done=` may say. Only fixed texts: a link cannot put words into our mouth.
pub(crate) fn done_text(code: &str) -> Option<&'static str> {
    Some(match code {
        "saved" => "Saved.",
        "integration-added" => "Integration added.",
        "integration-deleted" => "Integration deleted.",
        "connection-deleted" => "Connection deleted.",
        "tags" => "Tags saved.",
        "metadata" => "Metadata saved.",
        "webhook-url" => "Webhook URL saved.",
        "key-revoked" => "Key revoked.",
        "sealed" => "Environment sealed. Nobody is shown its secrets.",
        "unsealed" => "Environment unsealed.",
        "environment" => "Environment created.",
        "environment-deleted" => "Environment deleted.",
        "queued" => "Queued. Dovetail sends it again now.",
        "rotated" => "New signing key made.",
        "variable" => "Variable saved.",
        "variable-deleted" => "Variable deleted.",
        "password" => "Password changed. Your other browsers are signed out.",
        "person-removed" => "Person removed.",
        "refreshed" => "Refreshed. The connection has new credentials.",
        "logo" => "Logo saved.",
        "logo-removed" => "Logo removed.",
        _ => return None,
    })
}
