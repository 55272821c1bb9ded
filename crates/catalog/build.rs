//! Packs `catalog/*/{provider,guide}.yaml` of the repository into one JSON file that is compiled into the binary.
//! Only the syntax is checked here; the crate's tests check the meaning of every embedded file.

use std::{error::Error, fs, path::Path};

use serde_json::{Map, Value};

#[expect(clippy::disallowed_methods, reason = "cargo passes OUT_DIR by environment, and only so")]
fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog");
    let mut providers = Map::new();
    let mut guides = Map::new();
    // Cargo watches a folder with all that is in it. A file named here that does not exist would make every build a
    // fresh one.
    emit(&format!("cargo::rerun-if-changed={}", folder.display()));
    let mut entries = fs::read_dir(&folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        if !entry.file_type()?.is_dir() {
            continue;
        }
        let id = entry.file_name().into_string().map_err(|name| format!("{} is no id", name.display()))?;
        for (file, into) in [("provider.yaml", &mut providers), ("guide.yaml", &mut guides)] {
            let path = entry.path().join(file);
            if path.exists() {
                into.insert(id.clone(), read(&path)?);
            }
        }
    }
    let mut all = Map::new();
    all.insert("providers".to_owned(), Value::Object(providers));
    all.insert("guides".to_owned(), Value::Object(guides));
    let out = std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    fs::write(Path::new(&out).join("catalog.json"), serde_json::to_vec(&all)?)?;
    Ok(())
}

fn read(path: &Path) -> Result<Value, Box<dyn Error>> {
    let text = fs::read_to_string(path)?;
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(&text, options)
        .map_err(|error| format!("{}: {error}", path.display()).into())
}

fn emit(line: &str) {
    println!("{line}");
}
