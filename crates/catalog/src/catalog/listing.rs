//! What lists show of a provider. Known without reading its definition.

use std::sync::Arc;

use dovetail_model::AuthMode;

/// A provider as lists show it.
#[derive(Debug, Clone)]
pub struct Listing {
    id: Arc<str>,
    name: Arc<str>,
    categories: Arc<[Box<str>]>,
    auth_mode: AuthMode,
    alias: Option<Arc<str>>,
    pub(super) has_guide: bool,
}

impl Listing {
    pub(crate) fn new(
        id: &Arc<str>,
        name: &Arc<str>,
        categories: Arc<[Box<str>]>,
        auth_mode: AuthMode,
        alias: Option<Arc<str>>,
    ) -> Self {
        Self { id: Arc::clone(id), name: Arc::clone(name), categories, auth_mode, alias, has_guide: false }
    }

    /// The id: `coda`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name people know.
    pub fn display_name(&self) -> &str {
        &self.name
    }

    /// The shelves it stands on.
    pub fn categories(&self) -> impl ExactSizeIterator<Item = &str> {
        self.categories.iter().map(|category| &**category)
    }

    /// How accounts are linked.
    pub fn auth_mode(&self) -> AuthMode {
        self.auth_mode
    }

    /// The entry whose keys it takes over, if it is an alias.
    pub fn alias(&self) -> Option<&str> {
        self.alias.as_deref()
    }

    /// Whether somebody wrote a guide for it.
    pub fn has_guide(&self) -> bool {
        self.has_guide
    }
}
