//! The operator's own definitions, read from a folder: `<id>/provider.yaml`, `<id>/guide.yaml`, `<id>/scopes.yaml`,
//! `<id>/logo.svg`, and one `providers.yaml` of many. Single folders win over `providers.yaml`, everything here over the binary.
//! An entry that cannot be used is refused and named; its last good reading stays in force, its neighbours are taken.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use crate::{
    catalog::Catalog,
    limits::OVERLAY_FILE_BYTES,
    load::{self, Reading, is_id},
    merge::merge,
    problem::Problem,
    source::Entries,
};

/// What a file looked like when it was read.
type Stamp = (Option<SystemTime>, u64);

/// The folder, and what was last read from it.
#[derive(Debug)]
pub(crate) struct Overlay {
    root: PathBuf,
    files: BTreeMap<Key, File>,
    /// The folder itself cannot be read.
    problem: Option<Problem>,
}

/// Files in the order in which they win: `providers.yaml` first, so that single folders come later.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Many(PathBuf),
    Provider(String, PathBuf),
    Guide(String, PathBuf),
    Scopes(String, PathBuf),
    Logo(String, PathBuf),
}

impl Key {
    fn path(&self) -> &Path {
        match self {
            Self::Many(path)
            | Self::Provider(_, path)
            | Self::Guide(_, path)
            | Self::Scopes(_, path)
            | Self::Logo(_, path) => path,
        }
    }
}

#[derive(Debug)]
struct File {
    stamp: Stamp,
    /// The last good reading of each entry; stays in force while a newer one is refused.
    good: Entries,
    /// The good reading before, for entries whose newest one does not fit with the other files.
    before: Entries,
    problems: Vec<Problem>,
}

impl Overlay {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root, files: BTreeMap::new(), problem: None }
    }

    /// Reads what changed since the last time, or everything. Answers whether anything did.
    pub(crate) fn refresh(&mut self, everything: bool) -> bool {
        let found = match scan(&self.root) {
            Ok(found) => {
                self.problem = None;
                found
            }
            Err(error) => {
                let problem =
                    Problem::file(self.root.display().to_string(), format!("cannot be read: {error}"));
                let changed = self.problem.as_ref() != Some(&problem);
                self.problem = Some(problem);
                return changed;
            }
        };
        let before = self.files.len();
        self.files.retain(|key, _| found.contains_key(key));
        let is_same = |stamp: &Stamp, file: Option<&File>| file.is_some_and(|file| file.stamp == *stamp);
        let changed = everything
            || self.files.len() != before
            || found.iter().any(|(key, stamp)| !is_same(stamp, self.files.get(key)));
        if !changed {
            return false;
        }
        for (key, stamp) in found {
            // A refused file is read again with every change: what it lacked may be there now.
            let file = self.files.get(&key);
            if !everything && is_same(&stamp, file) && file.is_some_and(|file| file.problems.is_empty()) {
                continue;
            }
            let last = self.files.remove(&key).map(|file| file.good).unwrap_or_default();
            let mut reading = read(&key, stamp.1);
            match &reading.refused {
                None => reading.entries = last.clone(),
                Some(refused) => {
                    let kept = last.providers.iter().filter(|raw| refused.iter().any(|id| **id == *raw.id));
                    reading.entries.providers.extend(kept.cloned());
                }
            }
            let file = File { stamp, good: reading.entries, before: last, problems: reading.problems };
            self.files.insert(key, file);
        }
        true
    }

    /// The catalogue of `embedded` and this overlay. An entry whose newest reading does not resolve is put back to
    /// the reading before.
    pub(crate) fn build(&mut self, embedded: &Entries) -> (Catalog, Vec<Problem>) {
        // Each round puts at least one entry back, and an entry goes back at most twice.
        loop {
            let sources = std::iter::once(embedded).chain(self.files.values().map(|file| &file.good));
            let (catalog, refused) = merge(sources);
            let mut put_back = false;
            for (key, file) in &mut self.files {
                let name = key.path().display().to_string();
                for (id, problem) in refused.iter().filter(|(_, problem)| problem.file == name) {
                    if file.put_back(id) {
                        file.problems.push(problem.clone());
                        put_back = true;
                    }
                }
            }
            if !put_back {
                let own = self.problem.iter().chain(self.files.values().flat_map(|file| &file.problems));
                return (catalog, own.chain(refused.iter().map(|(_, problem)| problem)).cloned().collect());
            }
        }
    }
}

impl File {
    /// Puts the entries of one id back to their reading before, or out. Answers whether there was one.
    fn put_back(&mut self, id: &str) -> bool {
        let (good, before) = (&mut self.good, &mut self.before);
        let providers = good.providers.len();
        good.providers.retain(|raw| *raw.id != *id);
        let guides = good.guides.len();
        good.guides.retain(|raw| *raw.provider != *id);
        let had = good.providers.len() < providers || good.guides.len() < guides;
        if had {
            good.providers.extend(before.providers.extract_if(.., |raw| *raw.id == *id));
            good.guides.extend(before.guides.extract_if(.., |raw| *raw.provider == *id));
        }
        had
    }
}

fn scan(root: &Path) -> io::Result<BTreeMap<Key, Stamp>> {
    let mut found = BTreeMap::new();
    let mut look = |key: Key| -> io::Result<()> {
        match fs::metadata(key.path()) {
            Ok(meta) if meta.is_file() => {
                found.insert(key, (meta.modified().ok(), meta.len()));
                Ok(())
            }
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    };
    if fs::metadata(root)?.is_file() {
        look(Key::Many(root.to_owned()))?;
        return Ok(found);
    }
    look(Key::Many(root.join("providers.yaml")))?;
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        let path = entry.path();
        if let (true, Ok(id)) = (path.is_dir(), entry.file_name().into_string()) {
            look(Key::Provider(id.clone(), path.join("provider.yaml")))?;
            look(Key::Guide(id.clone(), path.join("guide.yaml")))?;
            look(Key::Scopes(id.clone(), path.join("scopes.yaml")))?;
            look(Key::Logo(id, path.join("logo.svg")))?;
        }
    }
    Ok(found)
}

fn read(key: &Key, length: u64) -> Reading {
    let file = key.path().display().to_string();
    let refuse = |reason: String| Reading::failed(Problem::file(file.clone(), reason));
    if length > OVERLAY_FILE_BYTES {
        return refuse(format!("is larger than {OVERLAY_FILE_BYTES} bytes"));
    }
    let text = match fs::read_to_string(key.path()) {
        Ok(text) => text,
        Err(error) => return refuse(format!("cannot be read: {error}")),
    };
    match key {
        Key::Many(_) => load::providers_file(&file, &text),
        Key::Provider(id, _) | Key::Guide(id, _) | Key::Scopes(id, _) | Key::Logo(id, _) if !is_id(id) => {
            refuse(format!("`{id}` is no provider id: lower-case letters, digits and hyphens"))
        }
        Key::Provider(id, _) => load::provider_file(&file, &text, id),
        Key::Guide(_, _) => load::guide_file(&file, &text),
        Key::Scopes(id, _) => load::scopes_file(&file, &text, id),
        Key::Logo(id, _) => load::logo_file(&file, text, id),
    }
}
