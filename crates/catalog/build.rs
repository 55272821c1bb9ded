//! Packs `catalog/*/{provider,guide,scopes}.yaml` and `catalog/*/logo.svg` of the repository: a small index that is
//! read at start, and four compressed blocks (definitions, guides, scopes, logos) that are opened on first use.
//! Syntax, ids and alias targets are checked here; `dovetail catalog lint` and the crate's tests check the meaning.

use std::{
    collections::BTreeMap,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Effort of the compression, 0 to 10: the most that still takes less than a second.
const EFFORT: u8 = 9;

#[expect(clippy::disallowed_methods, reason = "cargo passes OUT_DIR by environment, and only so")]
fn main() -> Outcome<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    // Cargo watches a folder with all that is in it. A file named here that does not exist would make every build a
    // fresh one.
    emit(&format!("cargo::rerun-if-changed={}", folder.display()));

    let definitions = read_all(&folder, "provider.yaml")?;
    for (id, definition) in &definitions {
        check(id, definition, &definitions)?;
    }
    let mut block = Block::default();
    let providers: Vec<Value> = definitions
        .iter()
        .map(|(id, definition)| {
            json!({
                "id": id,
                "name": definition["display_name"],
                "categories": definition["categories"],
                "mode": definition["auth_mode"],
                "alias": definition["alias"],
                "at": block.add(definition),
            })
        })
        .collect();
    block.write(&out.join("definitions.z"))?;

    let mut block = Block::default();
    let mut guides = Vec::new();
    for (id, guide) in &read_all(&folder, "guide.yaml")? {
        if guide["provider"] != **id {
            return Err(format!("catalog/{id}/guide.yaml: `provider` must be {id}").into());
        }
        guides.push(json!({"provider": id, "covers": guide["covers"], "at": block.add(guide)}));
    }
    block.write(&out.join("guides.z"))?;

    let mut block = Block::default();
    let mut scopes = Vec::new();
    for (id, list) in &read_all(&folder, "scopes.yaml")? {
        if !definitions.contains_key(id) {
            return Err(format!("catalog/{id}/scopes.yaml: there is no catalog/{id}/provider.yaml").into());
        }
        scopes.push(json!({"id": id, "at": block.add(&list["scopes"])}));
    }
    block.write(&out.join("scopes.z"))?;

    let mut block = Block::default();
    let mut logos = Vec::new();
    for id in definitions.keys() {
        let path = folder.join(id).join("logo.svg");
        if path.is_file() {
            logos.push(json!({"id": id, "at": block.add_text(&fs::read_to_string(path)?)}));
        }
    }
    block.write(&out.join("logos.z"))?;

    let index = json!({"providers": providers, "guides": guides, "scopes": scopes, "logos": logos});
    fs::write(out.join("index.json"), serde_json::to_vec(&index)?)?;
    Ok(())
}

/// The file of this name of every folder that has one, by folder.
fn read_all(folder: &Path, file: &str) -> Outcome<BTreeMap<String, Value>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path().join(file);
        if path.is_file() {
            let id =
                entry.file_name().into_string().map_err(|name| format!("{} is no id", name.display()))?;
            let text = fs::read_to_string(&path)?;
            let options = serde_saphyr::options! { strict_booleans: true };
            let value: Value = serde_saphyr::from_str_with_options(&text, options)
                .map_err(|error| format!("{}: {error}", path.display()))?;
            if !value.is_object() {
                return Err(format!("{}: must be a mapping", path.display()).into());
            }
            all.insert(id, value);
        }
    }
    Ok(all)
}

/// What the index relies on.
fn check(id: &str, definition: &Value, all: &BTreeMap<String, Value>) -> Outcome<()> {
    let refuse = |reason: String| Err(format!("catalog/{id}/provider.yaml: {reason}").into());
    if id.is_empty() || !id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        return refuse("an id holds only lower-case letters, digits and hyphens".to_owned());
    }
    if !definition["display_name"].is_string() {
        return refuse("`display_name` is missing".to_owned());
    }
    let (mut at, mut steps) = (definition, 0);
    while at.get("auth_mode").is_none() {
        let Some(target) = at.get("alias").and_then(Value::as_str) else {
            return refuse("`auth_mode` is missing".to_owned());
        };
        let Some(next) = all.get(target) else { return refuse(format!("there is no provider `{target}`")) };
        (at, steps) = (next, steps + 1);
        if steps > all.len() {
            return refuse("its aliases lead back to itself".to_owned());
        }
    }
    Ok(())
}

/// Texts one after the other.
#[derive(Default)]
struct Block(String);

impl Block {
    /// Appends a value; answers where it stands: start and end in bytes.
    fn add(&mut self, value: &Value) -> [usize; 2] {
        self.add_text(&value.to_string())
    }

    /// As [`Block::add`], with a text as it is.
    fn add_text(&mut self, text: &str) -> [usize; 2] {
        let start = self.0.len();
        self.0.push_str(text);
        [start, self.0.len()]
    }

    /// The length of the text in four bytes, little-endian, then the text compressed (RFC 1951).
    fn write(&self, path: &Path) -> Outcome<()> {
        let mut bytes = u32::try_from(self.0.len())?.to_le_bytes().to_vec();
        bytes.extend(miniz_oxide::deflate::compress_to_vec(self.0.as_bytes(), EFFORT));
        fs::write(path, bytes)?;
        Ok(())
    }
}

fn emit(line: &str) {
    println!("{line}");
}
