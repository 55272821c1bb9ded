//! `GET /dashboard/{environment}/integrations/new`: choose a service.

use askama::Template;
use axum::response::Response;
use dovetail_catalog::Listing;

use crate::dashboard::error::PageError;
use crate::dashboard::format::count;
use crate::dashboard::limits::CATALOGUE_TILES;
use crate::dashboard::page::page;
use crate::dashboard::parts::{PageNumber, Pages, Query, category_label, mode_label};
use crate::dashboard::shell::{Section, Shell};
use crate::dashboard::visit::{Visit, logo};

struct Tile {
    href: String,
    logo: String,
    name: String,
    line: String,
}

struct Category {
    label: String,
    href: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "dashboard/integrations/catalogue.html")]
struct CataloguePage {
    shell: Shell,
    total: usize,
    query: String,
    category: Option<String>,
    categories: Vec<Category>,
    tiles: Vec<Tile>,
    shown: String,
    pages: Pages,
}

/// Services by `?q=` (names, ids, categories) and `?category=`.
pub(crate) async fn catalogue(visit: Visit) -> Result<Response, PageError> {
    let catalog = visit.app().catalog.current();
    let query = visit.query("q");
    let category = Some(visit.query("category")).filter(|category| !category.is_empty());
    let number = PageNumber::parse(&visit.query("page"));
    let path = visit.path("/integrations/new");

    let in_category = |provider: &&Listing| {
        category.as_ref().is_none_or(|wanted| provider.categories().any(|category| category == wanted))
    };
    let found: Vec<&Listing> = catalog.search(&query).into_iter().filter(in_category).collect();
    let offset = number.index() as usize * CATALOGUE_TILES;
    let tiles: Vec<Tile> =
        found.iter().skip(offset).take(CATALOGUE_TILES).map(|provider| tile(&visit, provider)).collect();

    let filters =
        Query::default().with("q", &query).with("category", category.as_deref().unwrap_or_default());
    let mut pages = number.links(&path, &filters, tiles.len(), found.len() > offset + tiles.len());
    pages.label = if tiles.is_empty() {
        String::new()
    } else {
        format!("{} to {} of {}", offset + 1, offset + tiles.len(), found.len())
    };
    let by_query = Query::default().with("q", &query);
    let all = Category { label: "All".to_owned(), href: by_query.of(&path), current: category.is_none() };
    let named = catalog.categories().into_iter().map(|(name, _)| Category {
        label: category_label(name),
        href: by_query.with("category", name).of(&path),
        current: category.as_deref() == Some(name),
    });
    page(&CataloguePage {
        shell: visit.shell(Section::Integrations, "Choose a service").crumb("Integrations", "/integrations"),
        total: catalog.len(),
        categories: std::iter::once(all).chain(named).collect(),
        shown: count(found.len() as u64, "service"),
        query,
        category,
        tiles,
        pages,
    })
}

fn tile(visit: &Visit, provider: &Listing) -> Tile {
    let mode = mode_label(provider.auth_mode());
    let line = match provider.categories().next() {
        Some(category) => format!("{mode} · {}", category_label(category)),
        None => mode.to_owned(),
    };
    Tile {
        href: visit.path(&format!("/integrations/new/{}", provider.id())),
        logo: logo(provider.id()),
        name: provider.display_name().to_owned(),
        line,
    }
}
