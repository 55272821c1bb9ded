//! The overlay of provider definitions.

use std::path::PathBuf;

use super::reader::{Reader, Setting};

/// `catalog_dir`.
pub const CATALOG_DIR: Setting = Setting { key: "catalog_dir", env: "DOVETAIL_CATALOG_DIR", aliases: &[] };

/// Where definitions of the operator's own are.
#[derive(Debug, Clone)]
pub struct CatalogConfig {
    /// Overlay folder, when there is one.
    pub overlay: Option<PathBuf>,
}

impl CatalogConfig {
    /// Reads the settings of this topic.
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let overlay = reader
            .parsed(&CATALOG_DIR, |text| {
                let path = PathBuf::from(text);
                if path.is_dir() { Ok(path) } else { Err(format!("`{text}` is not a folder")) }
            })
            .map(|given| given.value);
        Self { overlay }
    }
}
