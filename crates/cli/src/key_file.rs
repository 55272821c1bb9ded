//! The root key in the data folder, for operators who give none.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use dovetail_model::{Random, Secret};
use dovetail_vault::RootKey;

/// Name of the file in the data folder.
pub const NAME: &str = "dovetail.key";
/// Only the owner reads and writes it.
const MODE: u32 = 0o600;
/// A key is 44 characters and a line end; anything longer is not a key.
const MAX_BYTES: u64 = 256;

/// The key file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// Reading or writing failed.
    #[error("the key file {path} cannot be used")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The content is not a key.
    #[error("the key file {path} holds no key: {reason}. Restore it from your backup.")]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Others than the owner may read it.
    #[error("the key file {path} can be read by others (mode {mode:o}). Run: chmod 600 {path}")]
    Mode {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
}

/// Reads the key of `folder`; `None` when there is no file.
pub fn read(folder: &Path) -> Result<Option<RootKey>, KeyFileError> {
    let path = folder.join(NAME);
    let io = |source| KeyFileError::Io { path: path.clone(), source };
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(error)),
    };
    let mode = file.metadata().map_err(io)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyFileError::Mode { path, mode });
    }
    let mut text = String::new();
    file.take(MAX_BYTES).read_to_string(&mut text).map_err(io)?;
    match RootKey::from_base64(&Secret::from(text)) {
        Ok(key) => Ok(Some(key)),
        Err(error) => Err(KeyFileError::Content { path, reason: error.to_string() }),
    }
}

/// Makes a new key and its file; the file is on disk before this returns. Fails when a file is there already.
pub fn create(folder: &Path, random: &dyn Random) -> Result<RootKey, KeyFileError> {
    let path = folder.join(NAME);
    let io = |source| KeyFileError::Io { path: path.clone(), source };
    let key = RootKey::generate(random);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(MODE).open(&path).map_err(io)?;
    file.write_all(key.to_base64().expose().as_bytes()).map_err(io)?;
    file.write_all(b"\n").map_err(io)?;
    file.sync_all().map_err(io)?;
    // The name must be on disk too: data sealed under a key that a power cut took away is lost.
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(io)?;
    Ok(key)
}

/// Takes back a file that [`create`] just made for a database that turned out to be under another key.
pub fn discard(folder: &Path) -> Result<(), KeyFileError> {
    let path = folder.join(NAME);
    std::fs::remove_file(&path).map_err(|source| KeyFileError::Io { path, source })
}

#[cfg(test)]
mod tests {
    use dovetail_model::SeededRandom;

    use super::*;

    #[test]
    fn a_created_key_reads_back_and_is_for_the_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read(folder.path()).unwrap().is_none());
        let key = create(folder.path(), &SeededRandom::new(1)).unwrap();
        assert_eq!(read(folder.path()).unwrap().unwrap().id(), key.id());
        let mode = std::fs::metadata(folder.path().join(NAME)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn an_existing_file_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let key = create(folder.path(), &SeededRandom::new(1)).unwrap();
        assert!(create(folder.path(), &SeededRandom::new(2)).is_err());
        assert_eq!(read(folder.path()).unwrap().unwrap().id(), key.id());
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        create(folder.path(), &SeededRandom::new(1)).unwrap();
        let path = folder.path().join(NAME);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(read(folder.path()), Err(KeyFileError::Mode { mode: 0o644, .. })));
    }

    #[test]
    fn a_damaged_file_is_refused_without_showing_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(NAME);
        std::fs::write(&path, "hunter2").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        let error = read(folder.path()).unwrap_err().to_string();
        assert!(error.contains("holds no key") && !error.contains("hunter2"), "{error}");
    }
}
