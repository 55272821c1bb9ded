//! Several sources become one catalogue: later ones over earlier ones, alias chains checked. Nothing is parsed here
//! but what an overlay brought.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use crate::{
    catalog::{Catalog, Listing},
    limits::{ALIAS_CHAIN, DEFINITIONS},
    problem::Problem,
    source::{Entries, RawGuide, RawProvider},
};

/// A problem, and the id of the entry that has it.
pub(crate) type Refused = (Arc<str>, Problem);

/// Puts sources together. Entries that fail are left out and named.
pub(crate) fn merge<'a>(sources: impl IntoIterator<Item = &'a Entries>) -> (Catalog, Vec<Refused>) {
    // By id, with the number of the source that won.
    let mut providers: BTreeMap<&str, (usize, &RawProvider)> = BTreeMap::new();
    let mut guides: HashMap<&str, (usize, &RawGuide)> = HashMap::new();
    let (mut scopes, mut logos) = (HashMap::new(), HashMap::new());
    let mut refused = Vec::new();
    let sources: Vec<&Entries> = sources.into_iter().collect();
    for (number, source) in sources.iter().enumerate() {
        for raw in &source.providers {
            if providers.len() < DEFINITIONS || providers.contains_key(&*raw.id) {
                providers.insert(&raw.id, (number, raw));
            } else {
                let reason = format!("the catalogue has {DEFINITIONS} definitions already");
                refused.push((Arc::clone(&raw.id), problem(raw, "", reason)));
            }
        }
        for raw in &source.scopes {
            scopes.insert(Arc::clone(&raw.provider), raw.text.clone());
        }
        for raw in &source.logos {
            logos.insert(Arc::clone(&raw.provider), raw.text.clone());
        }
    }
    let mut listed = Vec::with_capacity(providers.len());
    for (_, raw) in providers.values() {
        match listing(raw, &providers) {
            Ok(listing) => listed.push((listing, (*raw).clone())),
            Err((key, reason)) => refused.push((Arc::clone(&raw.id), problem(raw, key, reason))),
        }
    }
    // Within a source a guide of the provider's own wins over one that covers it from elsewhere.
    for (number, source) in sources.iter().enumerate() {
        let (mut own, mut covering) = (Vec::new(), Vec::new());
        for raw in &source.guides {
            for id in &*raw.covers {
                if **id == *raw.provider { &mut own } else { &mut covering }.push((&**id, raw));
            }
        }
        guides.extend(covering.into_iter().chain(own).map(|(id, raw)| (id, (number, raw))));
    }
    let mut catalog = Catalog::new(listed, scopes, logos);
    let mut given: Vec<_> = guides.into_iter().collect();
    given.sort_unstable_by_key(|(id, _)| *id);
    for (id, (number, raw)) in given {
        let newest = providers.get(id).map_or(0, |(newest, _)| *newest);
        if let Err(reason) = catalog.add_guide(id, raw, number == 0 && newest == 0)
            // A definition that was laid over an older guide need not fit it: the guide is dropped in silence.
            && newest <= number
        {
            refused.push((Arc::clone(&raw.provider), Problem::file(&*raw.file, reason)));
        }
    }
    (catalog, refused)
}

fn problem(raw: &RawProvider, key: &str, reason: String) -> Problem {
    let key = match (raw.line, key) {
        (0, key) => key.to_owned(),
        (_, "") => raw.id.to_string(),
        (_, key) => format!("{}.{key}", raw.id),
    };
    Problem { file: raw.file.to_string(), line: raw.line, key, reason }
}

/// Follows the aliases of an entry: what is listed of it, or the key and the reason for which it cannot be used.
fn listing(
    raw: &RawProvider,
    all: &BTreeMap<&str, (usize, &RawProvider)>,
) -> Result<Listing, (&'static str, String)> {
    let mut chain = vec![raw];
    let mut seen = HashSet::from([&*raw.id]);
    while let Some(target) = chain.last().and_then(|entry| entry.alias.as_deref()) {
        let refuse = |reason: String| Err(("alias", reason));
        let Some((_, entry)) = all.get(target) else {
            return refuse(format!("there is no provider `{target}`"));
        };
        if !seen.insert(target) {
            return refuse(format!("`{target}` leads back to itself"));
        }
        if chain.len() == ALIAS_CHAIN {
            return refuse(format!("more than {ALIAS_CHAIN} aliases in a row"));
        }
        chain.push(entry);
    }
    let mode = chain.iter().find_map(|entry| entry.mode);
    Ok(Listing::new(
        &raw.id,
        &raw.name,
        chain.iter().find_map(|entry| entry.categories.clone()).unwrap_or_default(),
        mode.ok_or_else(|| ("auth_mode", "is missing".to_owned()))?,
        raw.alias.clone(),
    ))
}
