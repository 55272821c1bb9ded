//! The shape of the house, checked: arrows between rooms, file sizes, licences, banned crates.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Which rooms a room may name in its `[dependencies]` (ARCHITECTURE.md, "The house").
const ARROWS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("vault", &["model"]),
    ("catalog", &["model"]),
    ("egress", &["model"]),
    ("store", &["vault", "model"]),
    ("activity", &["store", "model"]),
    ("connect", &["store", "vault", "egress", "catalog", "model", "webhooks", "activity"]),
    ("proxy", &["store", "vault", "egress", "catalog", "model"]),
    ("webhooks", &["store", "vault", "egress", "model"]),
    ("mock", &["catalog", "model"]),
    ("testkit", &["model", "vault", "store"]),
    ("server", &["proxy", "connect", "webhooks", "activity", "store", "vault", "egress", "catalog", "model"]),
    (
        "cli",
        &[
            "server", "mock", "proxy", "connect", "webhooks", "activity", "store", "vault", "egress",
            "catalog", "model",
        ],
    ),
];

/// No hand-written file is longer than this many lines: beyond it a file is two topics.
const MAX_LINES: usize = 900;
/// Half of all source files are shorter than this.
const MEDIAN_LINES: usize = 150;

/// Licences that may enter the binary; the same list as deny.toml.
const LICENCES: &[&str] = &[
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "MIT",
    "MIT-0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "0BSD",
    "Unicode-3.0",
    "Zlib",
    "CDLA-Permissive-2.0",
    "OpenSSL",
    "CC0-1.0",
    "BSL-1.0",
    "Unlicense",
];
/// Crates that deny.toml bans: a second TLS stack or a second HTTP client.
const BANNED: &[&str] = &["openssl", "native-tls", "ring", "reqwest"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--offline",
            "--filter-platform",
            "x86_64-unknown-linux-gnu",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn arrows_between_rooms_point_down_only() {
    let arrows: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let metadata = metadata();
    for package in metadata["packages"].as_array().unwrap() {
        let Some(room) = package["name"].as_str().unwrap().strip_prefix("dovetail-") else { continue };
        let allowed = arrows.get(room).unwrap_or_else(|| panic!("room {room} is not in ARROWS"));
        for dependency in package["dependencies"].as_array().unwrap() {
            if dependency["kind"] == "dev" {
                continue;
            }
            if let Some(other) = dependency["name"].as_str().unwrap().strip_prefix("dovetail-") {
                assert!(allowed.contains(&other), "{room} -> {other} is not an arrow of the house");
            }
        }
    }
}

/// Name and licence of every crate that is compiled into the binary.
fn linked_crates() -> Vec<(String, String)> {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--package",
            "dovetail-cli",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--locked",
            "--offline",
        ])
        .args(["--format", "{p}\t{l}"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let mut crates: Vec<_> = text
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(package, licence)| {
            let name = package.split(' ').next().unwrap_or_default();
            (name.to_owned(), licence.trim_end_matches(" (*)").to_owned())
        })
        .collect();
    crates.sort_unstable();
    crates.dedup();
    crates
}

#[test]
fn every_licence_is_permissive_and_no_banned_crate_is_in() {
    let crates = linked_crates();
    assert!(crates.len() > 100, "{} crates", crates.len());
    for (name, licence) in crates {
        assert!(!BANNED.contains(&name.as_str()), "{name} is banned, see deny.toml");
        assert!(is_allowed(&licence), "{name} is under {licence}");
    }
}

/// Whether some choice within an SPDX expression is allowed entirely.
fn is_allowed(expression: &str) -> bool {
    let flat = expression.replace(['(', ')'], "").replace(" / ", " OR ").replace('/', " OR ");
    // Parentheses only ever group alternatives here, so each conjunct must offer an allowed alternative.
    flat.split(" AND ").all(|part| part.split(" OR ").any(|licence| LICENCES.contains(&licence.trim())))
}

#[test]
fn a_file_is_one_topic() {
    let mut lengths = Vec::new();
    walk(&root().join("crates"), &mut |path| {
        if path.extension().is_some_and(|extension| extension == "rs") {
            let lines = std::fs::read_to_string(path).unwrap().lines().count();
            assert!(lines <= MAX_LINES, "{} has {lines} lines", path.display());
            lengths.push(lines);
        }
    });
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median <= MEDIAN_LINES, "the median file has {median} lines");
}

fn walk(folder: &Path, visit: &mut dyn FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, visit);
        } else {
            visit(&path);
        }
    }
}
