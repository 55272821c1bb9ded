//! The files of a catalogue folder.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Many,
    Provider,
    Guide,
    Scopes,
}

/// One file.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) kind: Kind,
    /// Name of its folder; empty for a file of many.
    pub(super) id: String,
    pub(super) path: PathBuf,
}

impl Found {
    pub(super) fn name(&self) -> String {
        self.path.display().to_string()
    }
}

/// A folder's files, and what has no business there.
#[derive(Debug, Default)]
pub(super) struct Folder {
    pub(super) files: Vec<Found>,
    pub(super) strays: Vec<(PathBuf, &'static str)>,
}

pub(super) fn find(root: &Path) -> io::Result<Folder> {
    let mut folder = Folder::default();
    if fs::metadata(root)?.is_file() {
        folder.files.push(Found { kind: Kind::Many, id: String::new(), path: root.to_owned() });
        return Ok(folder);
    }
    let mut entries = fs::read_dir(root)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, name) = (entry.path(), entry.file_name().display().to_string());
        if path.is_dir() {
            one(&mut folder, &path, &name)?;
        } else if name == "providers.yaml" {
            folder.files.push(Found { kind: Kind::Many, id: String::new(), path });
        } else if !Path::new(&name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("md"))
        {
            folder.strays.push((path, "nothing reads this file"));
        }
    }
    Ok(folder)
}

fn one(folder: &mut Folder, path: &Path, id: &str) -> io::Result<()> {
    let mut names = fs::read_dir(path)?
        .map(|entry| entry.map(|entry| entry.file_name().display().to_string()))
        .collect::<Result<Vec<_>, _>>()?;
    names.sort();
    for name in names {
        let kind = match name.as_str() {
            "provider.yaml" => Kind::Provider,
            "guide.yaml" => Kind::Guide,
            "scopes.yaml" => Kind::Scopes,
            "logo.svg" => continue,
            _ => {
                folder.strays.push((path.join(&name), "nothing reads this file"));
                continue;
            }
        };
        folder.files.push(Found { kind, id: id.to_owned(), path: path.join(&name) });
    }
    Ok(())
}
