//! What `build.rs` packed into the binary: an index, read at start, and compressed texts, opened on first use.

use std::{
    ops::Range,
    sync::{Arc, OnceLock},
};

use dovetail_model::AuthMode;
use serde::Deserialize;

use crate::{
    problem::Problem,
    source::{Entries, RawGuide, RawLogo, RawProvider, RawScopes, Text},
};

const INDEX: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/index.json"));
static DEFINITIONS: Block = Block::new(include_bytes!(concat!(env!("OUT_DIR"), "/definitions.z")));
static GUIDES: Block = Block::new(include_bytes!(concat!(env!("OUT_DIR"), "/guides.z")));
static SCOPES: Block = Block::new(include_bytes!(concat!(env!("OUT_DIR"), "/scopes.z")));
static LOGOS: Block = Block::new(include_bytes!(concat!(env!("OUT_DIR"), "/logos.z")));

/// A compressed text of the binary: its length in four bytes, then RFC 1951.
#[derive(Debug)]
pub(crate) struct Block {
    packed: &'static [u8],
    text: OnceLock<String>,
}

impl Block {
    const fn new(packed: &'static [u8]) -> Self {
        Self { packed, text: OnceLock::new() }
    }

    /// The whole text, opened once.
    pub(crate) fn text(&self) -> &str {
        self.text.get_or_init(|| match self.open() {
            Ok(text) => text,
            Err(reason) => {
                tracing::error!(reason, "the embedded catalogue is damaged");
                String::new()
            }
        })
    }

    fn open(&self) -> Result<String, &'static str> {
        let (length, packed) = self.packed.split_first_chunk::<4>().ok_or("too short")?;
        let length = u32::from_le_bytes(*length) as usize;
        let bytes = miniz_oxide::inflate::decompress_to_vec_with_limit(packed, length)
            .map_err(|_| "does not decompress")?;
        String::from_utf8(bytes).map_err(|_| "is no UTF-8")
    }
}

#[derive(Deserialize)]
struct Index {
    providers: Vec<Provider>,
    guides: Vec<Guide>,
    scopes: Vec<Listed>,
    logos: Vec<Listed>,
}

#[derive(Deserialize)]
struct Provider {
    id: Arc<str>,
    name: Arc<str>,
    categories: Option<Arc<[Box<str>]>>,
    mode: Option<AuthMode>,
    alias: Option<Arc<str>>,
    at: [usize; 2],
}

#[derive(Deserialize)]
struct Guide {
    provider: Arc<str>,
    covers: Arc<[Box<str>]>,
    at: [usize; 2],
}

#[derive(Deserialize)]
struct Listed {
    id: Arc<str>,
    at: [usize; 2],
}

fn text(block: &'static Block, [start, end]: [usize; 2]) -> Text {
    Text::Embedded(block, Range { start, end })
}

/// What was compiled in.
pub(crate) fn embedded() -> Result<Entries, Problem> {
    let index: Index = serde_json::from_slice(INDEX)
        .map_err(|error| Problem::file("embedded catalogue", error.to_string()))?;
    let provider = |entry: Provider| RawProvider {
        file: format!("catalog/{}/provider.yaml", entry.id).into(),
        id: entry.id,
        line: 0,
        name: entry.name,
        categories: entry.categories,
        mode: entry.mode,
        alias: entry.alias,
        text: text(&DEFINITIONS, entry.at),
    };
    let guide = |entry: Guide| RawGuide {
        file: format!("catalog/{}/guide.yaml", entry.provider).into(),
        provider: entry.provider,
        covers: entry.covers,
        text: text(&GUIDES, entry.at),
    };
    let scopes = |entry: Listed| RawScopes { provider: entry.id, text: text(&SCOPES, entry.at) };
    let logo = |entry: Listed| RawLogo { provider: entry.id, text: text(&LOGOS, entry.at) };
    Ok(Entries {
        providers: index.providers.into_iter().map(provider).collect(),
        guides: index.guides.into_iter().map(guide).collect(),
        scopes: index.scopes.into_iter().map(scopes).collect(),
        logos: index.logos.into_iter().map(logo).collect(),
    })
}
