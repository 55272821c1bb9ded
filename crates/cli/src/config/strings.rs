//! Where environment variables come from: the process, or a map in tests.

use std::collections::BTreeMap;

/// A set of named strings. Tests pass a map, so that they never change the process environment.
pub trait Strings {
    /// The value of `name`, when it is set and not empty.
    fn get(&self, name: &str) -> Option<String>;
    /// Every name that starts with `prefix`.
    fn names_with(&self, prefix: &str) -> Vec<String>;
}

/// The environment of this process. The only place that reads it.
pub struct ProcessEnvironment;

impl Strings for ProcessEnvironment {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    fn get(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }

    fn names_with(&self, prefix: &str) -> Vec<String> {
        std::env::vars_os()
            .filter_map(|(name, _)| name.into_string().ok())
            .filter(|name| name.starts_with(prefix))
            .collect()
    }
}

impl Strings for BTreeMap<String, String> {
    fn get(&self, name: &str) -> Option<String> {
        BTreeMap::get(self, name).filter(|value| !value.is_empty()).cloned()
    }

    fn names_with(&self, prefix: &str) -> Vec<String> {
        self.keys().filter(|name| name.starts_with(prefix)).cloned().collect()
    }
}
