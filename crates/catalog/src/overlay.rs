//! The operator's own definitions, read from a folder: `<id>/provider.yaml`, `<id>/guide.yaml`, and one
//! `providers.yaml` of many. Single folders win over `providers.yaml`, everything here over the binary.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use crate::{
    catalog::Catalog,
    guide::GuideText,
    limits::OVERLAY_FILE_BYTES,
    load::{self, Entries, RawGuide, build, is_id},
    problem::Problem,
    yaml,
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
}

impl Key {
    fn path(&self) -> &Path {
        match self {
            Self::Many(path) | Self::Provider(_, path) | Self::Guide(_, path) => path,
        }
    }
}

#[derive(Debug)]
struct File {
    stamp: Stamp,
    /// The last good reading; stays in force while a newer one is refused.
    good: Option<Entries>,
    /// The good reading before, for when the newest one does not fit with the other files.
    before: Option<Entries>,
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
            let last = self.files.remove(&key).and_then(|file| file.good);
            let file = match read(&key, stamp.1) {
                Ok(entries) => File { stamp, good: Some(entries), before: last, problems: Vec::new() },
                Err(problems) => File { stamp, good: last, before: None, problems },
            };
            self.files.insert(key, file);
        }
        true
    }

    /// The catalogue of `embedded` and this overlay. A file whose newest reading does not resolve is put back to
    /// the reading before.
    pub(crate) fn build(&mut self, embedded: &Entries) -> (Catalog, Vec<Problem>) {
        // Each round puts at least one file back, and a file goes back at most twice.
        loop {
            let sources =
                std::iter::once(embedded).chain(self.files.values().filter_map(|file| file.good.as_ref()));
            let (catalog, problems) = build(sources);
            let mut put_back = false;
            for (key, file) in &mut self.files {
                let name = key.path().display().to_string();
                let own: Vec<_> = problems.iter().filter(|problem| problem.file == name).cloned().collect();
                if !own.is_empty() && file.good.is_some() {
                    file.problems.extend(own);
                    file.good = file.before.take();
                    put_back = true;
                }
            }
            if !put_back {
                let own = self.problem.iter().chain(self.files.values().flat_map(|file| &file.problems));
                return (catalog, own.chain(&problems).cloned().collect());
            }
        }
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
            look(Key::Guide(id, path.join("guide.yaml")))?;
        }
    }
    Ok(found)
}

fn read(key: &Key, length: u64) -> Result<Entries, Vec<Problem>> {
    let file = key.path().display().to_string();
    let refuse = |reason: String| vec![Problem::file(file.clone(), reason)];
    if length > OVERLAY_FILE_BYTES {
        return Err(refuse(format!("is larger than {OVERLAY_FILE_BYTES} bytes")));
    }
    let text = fs::read_to_string(key.path()).map_err(|error| refuse(format!("cannot be read: {error}")))?;
    match key {
        Key::Many(_) => load::provider_file(&file, &text, None),
        Key::Provider(id, _) | Key::Guide(id, _) if !is_id(id) => {
            Err(refuse(format!("`{id}` is no provider id: lower-case letters, digits and hyphens")))
        }
        Key::Provider(id, _) => load::provider_file(&file, &text, Some(id)),
        Key::Guide(_, _) => {
            let guide: GuideText = yaml::read(&file, &text).map_err(|problem| vec![problem])?;
            guide.check().map_err(refuse)?;
            let guides = vec![RawGuide { file: file.into(), text: Arc::new(guide) }];
            Ok(Entries { providers: Vec::new(), guides })
        }
    }
}
