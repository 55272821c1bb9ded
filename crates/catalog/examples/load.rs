//! What the catalogue costs: `cargo run --release -p dovetail-catalog --example load`. Figures go to bench/RESULTS.md.

use std::fs;
use std::hint::black_box;
use std::io::{self, Write as _};

use dovetail_catalog::CatalogHandle;
use tokio::time::Instant;

/// Resident memory in KiB; 0 where the system does not tell.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or_default()
}

fn main() -> io::Result<()> {
    let mut out = io::stdout();
    let mut before = resident();
    let mut row = |what: &str, start: Instant| {
        let (took, now) = (start.elapsed(), resident());
        let grown = now.saturating_sub(before);
        before = now;
        writeln!(out, "| {what} | {:.2} ms | {grown} KiB |", took.as_secs_f64() * 1000.0)
    };
    let start = Instant::now();
    let catalog = CatalogHandle::embedded().current();
    row(&format!("load at start: {} providers", catalog.len()), start)?;

    let start = Instant::now();
    black_box(catalog.get("coda"));
    row("first provider asked for", start)?;

    let start = Instant::now();
    black_box(catalog.guide_for("coda"));
    row("first guide asked for", start)?;

    let start = Instant::now();
    black_box(catalog.search("zendekc").len());
    row("search with a slip, over all", start)?;

    let start = Instant::now();
    let ids: Vec<&str> = catalog.listings().iter().map(dovetail_catalog::Listing::id).collect();
    for id in &ids {
        black_box(catalog.get(id));
    }
    row("every definition parsed and kept", start)?;

    let start = Instant::now();
    for id in &ids {
        black_box(catalog.guide_for(id));
    }
    row("every guide made once", start)?;
    Ok(())
}
