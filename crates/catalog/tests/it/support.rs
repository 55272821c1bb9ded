//! Providers made from text, and the instant of providers.md section 14.

use std::sync::{Arc, LazyLock};

use dovetail_catalog::{Catalog, CatalogHandle, Provider, template::Moment};

/// 2024-05-06T07:08:09.123Z
pub(crate) const NOW_MS: i64 = 1_714_979_289_123;

pub(crate) fn moment() -> Moment {
    Moment::new(NOW_MS, "RND")
}

/// The embedded catalogue, loaded once.
pub(crate) fn embedded() -> Arc<Catalog> {
    static EMBEDDED: LazyLock<Arc<Catalog>> = LazyLock::new(|| CatalogHandle::embedded().current());
    Arc::clone(&EMBEDDED)
}

/// A provider from the YAML of its definition, with `display_name` and `docs` added.
pub(crate) fn provider(yaml: &str) -> Arc<Provider> {
    let text = format!("display_name: Sample\ndocs: /docs\n{yaml}");
    Arc::new(Provider::from_yaml("sample", &text).unwrap())
}
