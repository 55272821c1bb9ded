//! The catalogue: providers by id, and their guides.

use std::{collections::HashMap, sync::Arc};

use crate::{
    definition::Provider,
    guide::{Guide, GuideText},
};

/// One state of the catalogue. Never changes; a reload makes a new one.
#[derive(Debug, Default)]
pub struct Catalog {
    /// By id.
    providers: Vec<Arc<Provider>>,
    index: HashMap<String, usize>,
    guides: HashMap<String, Arc<GuideText>>,
}

impl Catalog {
    pub(crate) fn new(mut providers: Vec<Provider>) -> Self {
        providers.sort_by(|a, b| a.id().cmp(b.id()));
        let providers: Vec<_> = providers.into_iter().map(Arc::new).collect();
        let index =
            providers.iter().enumerate().map(|(at, provider)| (provider.id().to_owned(), at)).collect();
        Self { providers, index, guides: HashMap::new() }
    }

    /// Takes a guide text for every provider it covers. Providers not in the catalogue are passed over.
    pub(crate) fn add_guide(&mut self, text: &Arc<GuideText>) -> Result<(), String> {
        for id in &text.covers {
            if let Some(provider) = self.get(id) {
                text.check_against(provider)?;
            }
        }
        for id in &text.covers {
            if self.index.contains_key(id) {
                self.guides.insert(id.clone(), Arc::clone(text));
            }
        }
        Ok(())
    }

    /// The provider of a catalogue of one that nobody else holds.
    pub(crate) fn into_only(mut self) -> Option<Provider> {
        Arc::into_inner(self.providers.pop()?)
    }

    /// The provider with this id.
    pub fn get(&self, id: &str) -> Option<&Provider> {
        self.index.get(id).and_then(|at| self.providers.get(*at)).map(|provider| &**provider)
    }

    /// As [`Catalog::get`], to keep across a reload.
    pub fn shared(&self, id: &str) -> Option<Arc<Provider>> {
        self.index.get(id).and_then(|at| self.providers.get(*at)).cloned()
    }

    /// Every provider, by id.
    pub fn providers(&self) -> impl ExactSizeIterator<Item = &Provider> {
        self.providers.iter().map(|provider| &**provider)
    }

    /// Number of providers.
    pub fn len(&self) -> usize {
        self.providers.len()
    }

    /// Whether there is no provider.
    pub fn is_empty(&self) -> bool {
        self.providers.is_empty()
    }

    /// Providers whose id contains `text`, without regard to case: `GET /providers?search=`.
    pub fn search_ids<'a>(&'a self, text: &str) -> impl Iterator<Item = &'a Provider> {
        let text = text.to_lowercase();
        self.providers().filter(move |provider| provider.id().contains(&text))
    }

    /// Providers for a person's words: every word must begin a word of the name, the id or a category, or occur in
    /// the name. Best first: the name begins with the text, then the name contains it, then the rest, each by name.
    pub fn search(&self, text: &str) -> Vec<&Provider> {
        let text = text.trim().to_lowercase();
        let words: Vec<&str> = text.split_whitespace().collect();
        let mut found: Vec<(u8, String, &Provider)> = self
            .providers()
            .filter_map(|provider| {
                let name = provider.display_name.to_lowercase();
                let fits = words.iter().all(|word| {
                    name.contains(word)
                        || provider.id().split('-').any(|part| part.starts_with(word))
                        || provider.id().starts_with(word)
                        || provider.categories.iter().any(|category| category.starts_with(word))
                });
                let rank = if name.starts_with(&text) {
                    0
                } else if name.contains(&text) {
                    1
                } else {
                    2
                };
                fits.then_some((rank, name, provider))
            })
            .collect();
        found.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        found.into_iter().map(|(_, _, provider)| provider).collect()
    }

    /// Every category in use with its number of providers, by name.
    pub fn categories(&self) -> Vec<(&str, usize)> {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for provider in self.providers() {
            for category in &provider.categories {
                *counts.entry(category).or_default() += 1;
            }
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_unstable();
        counts
    }

    /// The guide of a provider: the written one, or one made from its fields. `None` when the provider is unknown.
    pub fn guide_for(&self, id: &str) -> Option<Guide> {
        let provider = self.get(id)?;
        Some(Guide::assemble(provider, self.guides.get(id).map(|text| &**text)))
    }

    /// Whether somebody wrote a guide for this provider.
    pub fn has_written_guide(&self, id: &str) -> bool {
        self.guides.contains_key(id)
    }
}
