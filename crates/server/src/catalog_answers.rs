//! Answers that say nothing but the catalogue: made once for each state of it, when first asked for.

use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use dovetail_catalog::Catalog;

use crate::api::providers::write_shape;
use crate::api::providers_json;
use crate::config::ServerConfig;
use crate::guides::{catalogue, llms};

/// The answers for the catalogue in force.
#[derive(Default)]
pub struct CatalogAnswers(Mutex<Option<Arc<Answers>>>);

/// The answers for one state of the catalogue.
pub(crate) struct Answers {
    catalog: Arc<Catalog>,
    providers: OnceLock<Providers>,
    providers_json: OnceLock<Bytes>,
    llms: OnceLock<Bytes>,
    llms_full: OnceLock<Bytes>,
    api_catalog: OnceLock<Bytes>,
}

/// `{"data":[…]}` with every provider, and where each stands in it, in the order of the catalogue.
struct Providers {
    text: Bytes,
    places: Vec<Range<usize>>,
}

const OPEN: &str = "{\"data\":[";
const CLOSE: &str = "]}";

impl CatalogAnswers {
    /// The answers for this state: the kept ones, or new ones that are kept from now on.
    pub(crate) fn of(&self, catalog: &Arc<Catalog>) -> Arc<Answers> {
        // A panic elsewhere cannot leave this half-written.
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some(answers) if Arc::ptr_eq(&answers.catalog, catalog) => Arc::clone(answers),
            _ => Arc::clone(kept.insert(Arc::new(Answers::new(Arc::clone(catalog))))),
        }
    }
}

impl Answers {
    fn new(catalog: Arc<Catalog>) -> Self {
        Self {
            catalog,
            providers: OnceLock::new(),
            providers_json: OnceLock::new(),
            llms: OnceLock::new(),
            llms_full: OnceLock::new(),
            api_catalog: OnceLock::new(),
        }
    }

    /// `GET /providers`: all, or those whose id contains `term`.
    pub(crate) fn providers(&self, config: &ServerConfig, term: Option<&str>) -> Bytes {
        let all = self.providers.get_or_init(|| Providers::write(&self.catalog, config));
        let Some(term) = term.filter(|term| !term.is_empty()) else { return all.text.clone() };
        let found: Vec<&[u8]> = self
            .catalog
            .search_ids(term)
            .filter_map(|listing| self.catalog.position(listing.id()))
            .filter_map(|at| all.text.get(all.places.get(at)?.clone()))
            .collect();
        [OPEN.as_bytes(), &found.join(&b','), CLOSE.as_bytes()].concat().into()
    }

    /// `GET /providers.json`.
    pub(crate) fn providers_json(&self, config: &ServerConfig) -> Bytes {
        self.providers_json.get_or_init(|| providers_json::write(&self.catalog, config).into()).clone()
    }

    /// `GET /llms.txt`.
    pub(crate) fn llms(&self, config: &ServerConfig) -> Bytes {
        self.llms.get_or_init(|| llms::index(config, &self.catalog).into()).clone()
    }

    /// `GET /llms-full.txt`.
    pub(crate) fn llms_full(&self, config: &ServerConfig) -> Bytes {
        self.llms_full.get_or_init(|| llms::full(config, &self.catalog).into()).clone()
    }

    /// `GET /api-catalog.txt`.
    pub(crate) fn api_catalog(&self, config: &ServerConfig) -> Bytes {
        self.api_catalog.get_or_init(|| catalogue::page(config, &self.catalog).into()).clone()
    }
}

impl Providers {
    fn write(catalog: &Catalog, config: &ServerConfig) -> Self {
        let mut text = String::from(OPEN);
        let mut places = Vec::with_capacity(catalog.len());
        for (at, (id, json)) in catalog.resolved().enumerate() {
            if at > 0 {
                text.push(',');
            }
            let start = text.len();
            write_shape(&mut text, id, &json, &catalog.available_scopes(id), config);
            places.push(start..text.len());
        }
        text.push_str(CLOSE);
        Self { text: text.into(), places }
    }
}
