//! Providers made from text, and the context of providers.md section 14.

use dovetail_catalog::{CatalogHandle, Provider, template::Moment};
use std::sync::Arc;

/// 2024-05-06T07:08:09.123Z
pub(crate) const NOW_MS: i64 = 1_714_979_289_123;

pub(crate) fn moment() -> Moment {
    Moment::new(NOW_MS, "RND")
}

/// A provider from the YAML of its definition, with `display_name` and `docs` added.
pub(crate) fn provider(yaml: &str) -> Arc<Provider> {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("sample");
    std::fs::create_dir(&home).unwrap();
    std::fs::write(home.join("provider.yaml"), format!("display_name: Sample\ndocs: /docs\n{yaml}")).unwrap();
    let handle = CatalogHandle::open(Some(folder.path().to_owned()));
    assert_eq!(*handle.problems(), []);
    handle.current().shared("sample").unwrap()
}
