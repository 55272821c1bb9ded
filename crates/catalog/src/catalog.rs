//! The catalogue: providers by id, and their guides.

mod listing;
mod resolve;
mod search;

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, OnceLock},
};

pub use listing::Listing;
pub(crate) use search::slips_between;

use crate::{
    definition::Provider,
    guide::{Guide, GuideText},
    source::{RawGuide, RawProvider, Text},
};

/// One state of the catalogue. Never changes; a reload makes a new one. A definition is parsed when it is first asked
/// for, so that what nobody uses costs neither time nor memory.
#[derive(Debug, Default)]
pub struct Catalog {
    /// By id.
    listings: Vec<Listing>,
    /// At the same places as `listings`.
    slots: Vec<Slot>,
    /// By the ids they cover.
    guides: HashMap<Box<str>, RawGuide>,
    scopes: HashMap<Arc<str>, Text>,
    logos: HashMap<Arc<str>, Text>,
}

#[derive(Debug)]
struct Slot {
    raw: RawProvider,
    /// `None` inside: it cannot be parsed, which was logged.
    provider: OnceLock<Option<Arc<Provider>>>,
}

impl Catalog {
    /// `entries` by id, with alias chains that end.
    pub(crate) fn new(
        entries: Vec<(Listing, RawProvider)>,
        scopes: HashMap<Arc<str>, Text>,
        logos: HashMap<Arc<str>, Text>,
    ) -> Self {
        let (listings, slots) = entries
            .into_iter()
            .map(|(listing, raw)| (listing, Slot { raw, provider: OnceLock::new() }))
            .unzip();
        Self { listings, slots, guides: HashMap::new(), scopes, logos }
    }

    /// Takes a guide for one of the providers it covers; passed over when that is not in the catalogue. What the
    /// binary holds of both is `trusted`: the crate's tests hold it sound.
    pub(crate) fn add_guide(&mut self, id: &str, raw: &RawGuide, trusted: bool) -> Result<(), String> {
        let Some(at) = self.position(id) else { return Ok(()) };
        if !trusted && let (Some(provider), Some(text)) = (self.provider(at), guide_text(raw)) {
            text.check_against(provider)?;
        }
        self.guides.insert(id.into(), raw.clone());
        self.listings[at].has_guide = true;
        Ok(())
    }

    /// Where the provider stands in [`Catalog::listings`].
    pub fn position(&self, id: &str) -> Option<usize> {
        self.listings.binary_search_by(|listing| listing.id().cmp(id)).ok()
    }

    fn provider(&self, at: usize) -> Option<&Arc<Provider>> {
        let slot = self.slots.get(at)?;
        slot.provider.get_or_init(|| self.parse(slot)).as_ref()
    }

    fn parse(&self, slot: &Slot) -> Option<Arc<Provider>> {
        match resolve::provider(self, &slot.raw) {
            Ok(provider) => Some(Arc::new(provider)),
            Err(reason) => {
                tracing::error!(catalog.file = %slot.raw.file, reason, "a definition cannot be used");
                None
            }
        }
    }

    /// The provider with this id.
    pub fn get(&self, id: &str) -> Option<&Provider> {
        self.provider(self.position(id)?).map(|provider| &**provider)
    }

    /// As [`Catalog::get`], to keep across a reload.
    pub fn shared(&self, id: &str) -> Option<Arc<Provider>> {
        self.provider(self.position(id)?).cloned()
    }

    /// Every provider, by id. Each is parsed for the caller and not kept, unless it was in use before: lists are
    /// made of [`Catalog::listings`], which costs nothing.
    pub fn providers(&self) -> impl Iterator<Item = Arc<Provider>> {
        self.slots.iter().filter_map(|slot| match slot.provider.get() {
            Some(provider) => provider.clone(),
            None => self.parse(slot),
        })
    }

    /// What lists show of every provider, by id.
    pub fn listings(&self) -> &[Listing] {
        &self.listings
    }

    /// What lists show of one provider.
    pub fn listing(&self, id: &str) -> Option<&Listing> {
        self.listings.get(self.position(id)?)
    }

    /// The resolved definition of every provider as JSON text, keys in file order, without parsing more than the
    /// aliases: (id, JSON), by id.
    pub fn resolved(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        self.slots.iter().filter_map(|slot| Some((&*slot.raw.id, resolve::text(self, &slot.raw).ok()?)))
    }

    /// Number of providers.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there is no provider.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Every category in use with its number of providers, by name.
    pub fn categories(&self) -> Vec<(&str, usize)> {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for category in self.listings.iter().flat_map(Listing::categories) {
            *counts.entry(category).or_default() += 1;
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_unstable();
        counts
    }

    /// The guide of a provider: the written one, or one made from its fields. `None` when the provider is unknown.
    pub fn guide_for(&self, id: &str) -> Option<Guide> {
        self.get(id).map(|provider| self.guide_of(provider))
    }

    /// The guide of a provider of this catalogue.
    pub fn guide_of(&self, provider: &Provider) -> Guide {
        Guide::assemble(provider, self.guides.get(provider.id()).and_then(guide_text).as_ref())
    }

    /// Whether somebody wrote a guide for this provider.
    pub fn has_written_guide(&self, id: &str) -> bool {
        self.guides.contains_key(id)
    }

    /// The OAuth scopes that the provider's documentation names, in its order; empty where none are known.
    pub fn available_scopes(&self, id: &str) -> Vec<String> {
        let Some(text) = self.scopes.get(id) else { return Vec::new() };
        serde_json::from_str(text.as_str()).unwrap_or_default()
    }

    /// The picture of a provider, an SVG document; `None` where it has none of its own.
    pub fn logo(&self, id: &str) -> Option<&str> {
        self.logos.get(id).map(Text::as_str)
    }
}

/// Parsed for each use: that takes microseconds, and few guides are ever read.
fn guide_text(raw: &RawGuide) -> Option<GuideText> {
    match serde_json::from_str(raw.text.as_str()) {
        Ok(text) => Some(text),
        Err(error) => {
            tracing::error!(catalog.file = %raw.file, %error, "a guide cannot be used");
            None
        }
    }
}
