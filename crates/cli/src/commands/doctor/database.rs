//! Key and database, looked at without changing either.

use dovetail_store::Store;

use super::finding::Finding;
use crate::commands::open;
use crate::config::storage::StorageConfig;
use crate::key_file;

/// Whether the database answers, and whether the key at hand is the one its data is sealed under.
pub async fn check(storage: &StorageConfig) -> Vec<Finding> {
    let mut findings = Vec::new();
    let key = match (&storage.encryption_key, key_file::read(&storage.data_dir)) {
        (Some(key), _) => {
            findings.push(Finding::ok("key", format!("{} from DOVETAIL_ENCRYPTION_KEY", key.id())));
            Some(key.id())
        }
        (None, Ok(Some(key))) => {
            let path = storage.data_dir.join(key_file::NAME);
            findings.push(Finding::ok("key", format!("{} from {}", key.id(), path.display())));
            Some(key.id())
        }
        (None, Ok(None)) => None,
        (None, Err(error)) => {
            findings.push(Finding::fail(
                "key",
                error.to_string(),
                "Mend the file or set DOVETAIL_ENCRYPTION_KEY.",
            ));
            None
        }
    };
    let in_use = match open::store_config(storage) {
        Ok(config) => Store::root_key_in_use(&config).await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    findings.push(match (in_use, key) {
        (Err(error), _) => {
            Finding::fail("database", error, "Check that it runs and that DOVETAIL_DATABASE_URL is right.")
        }
        (Ok(None), _) => Finding::ok("database", "it is empty; the first start fills it"),
        (Ok(Some(id)), Some(key)) if key.to_string() == id => {
            Finding::ok("database", format!("it answers and is sealed under the key at hand ({id})"))
        }
        (Ok(Some(id)), Some(_)) => Finding::fail(
            "database",
            format!("its data is sealed under key {id}, which is not the key at hand"),
            "Set DOVETAIL_ENCRYPTION_KEY to that key, or restore the key file.",
        ),
        (Ok(Some(id)), None) => Finding::fail(
            "database",
            format!("its data is sealed under key {id}, and there is no key"),
            "Restore the key file from your backup, or set DOVETAIL_ENCRYPTION_KEY.",
        ),
    });
    findings
}
