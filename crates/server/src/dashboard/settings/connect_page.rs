//! `/dashboard/{environment}/settings/connect-page`: how the Connect page looks, with a preview.

use askama::Template;
use axum::response::Response;
use dovetail_model::limits::MAX_LOGO_BYTES;
use dovetail_model::{ConnectUiSettings, DefaultTheme};
use dovetail_store::connect_ui;
use http::StatusCode;

use super::Tab;
use crate::dashboard::audit;
use crate::dashboard::colour::{DARK_SURFACE, LIGHT_SURFACE, Rgb, advice};
use crate::dashboard::error::PageError;
use crate::dashboard::errors::FieldErrors;
use crate::dashboard::form::Fields;
use crate::dashboard::limits::APP_NAME_CHARS;
use crate::dashboard::page::{page_with, see_other};
use crate::dashboard::shell::{Section, Shell};
use crate::dashboard::visit::Visit;

/// The Connect page with a sample account; it takes the settings from this page and sends nothing.
const PREVIEW: &str = "/connect/?preview=true&embedded=true";

struct ColourField {
    name: &'static str,
    label: &'static str,
    surface: &'static str,
    value: String,
    hex: String,
    advice: String,
    enough: bool,
}

struct ThemeChoice {
    value: &'static str,
    label: &'static str,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "dashboard/settings/connect_page.html")]
struct ConnectPagePage {
    shell: Shell,
    tab: Tab,
    app_name: String,
    colours: Vec<ColourField>,
    themes: Vec<ThemeChoice>,
    show_watermark: bool,
    logo_url: Option<String>,
    logo_limit: String,
    preview_src: &'static str,
    errors: FieldErrors,
}

/// The page.
pub(crate) async fn show(visit: Visit) -> Result<Response, PageError> {
    let mut db = visit.app().store.read().await?;
    let settings = connect_ui::get(&mut db, visit.env()).await?;
    drop(db);
    render(&visit, StatusCode::OK, &settings, FieldErrors::default()).await
}

/// Saves name, colours and theme.
pub(crate) async fn save(visit: Visit, fields: Fields) -> Result<Response, PageError> {
    let mut db = visit.app().store.read().await?;
    let mut settings = connect_ui::get(&mut db, visit.env()).await?;
    drop(db);
    let mut errors = FieldErrors::default();
    settings.app_name = fields.text("app_name");
    if fields.get("app_name").chars().count() > APP_NAME_CHARS {
        errors.add("app_name", format!("This name is longer than {APP_NAME_CHARS} characters."));
    }
    for (name, primary) in [
        ("light_primary", &mut settings.theme.light.primary),
        ("dark_primary", &mut settings.theme.dark.primary),
    ] {
        let typed = fields.get(name);
        // A colour that was set by the API in another notation stays as it is.
        if typed != primary.as_str() && Rgb::parse(typed).is_none() {
            errors.add(name, "This is not a colour in the form #rrggbb.");
        }
        typed.clone_into(primary);
    }
    settings.default_theme = match fields.get("default_theme") {
        "light" => DefaultTheme::Light,
        "dark" => DefaultTheme::Dark,
        _ => DefaultTheme::System,
    };
    settings.show_watermark = fields.flag("show_watermark");
    if !errors.is_empty() {
        return render(&visit, StatusCode::BAD_REQUEST, &settings, errors).await;
    }
    let mut tx = visit.app().store.begin().await?;
    connect_ui::set(&mut tx, visit.env(), &settings).await?;
    audit::note_environment(&mut tx, &visit, "updated", vec!["connect_ui"]).await?;
    tx.commit().await?;
    Ok(see_other(&visit.path("/settings/connect-page?done=saved")))
}

pub(super) async fn render(
    visit: &Visit,
    status: StatusCode,
    settings: &ConnectUiSettings,
    errors: FieldErrors,
) -> Result<Response, PageError> {
    let mut db = visit.app().store.read().await?;
    let has_logo = connect_ui::logo(&mut db, visit.env()).await?.is_some();
    drop(db);
    let page = ConnectPagePage {
        shell: visit.shell(Section::Settings, "Settings"),
        tab: Tab::ConnectPage,
        app_name: settings.app_name.clone().unwrap_or_default(),
        colours: vec![
            colour("light_primary", "Primary colour, light theme", "light", &settings.theme.light.primary),
            colour("dark_primary", "Primary colour, dark theme", "dark", &settings.theme.dark.primary),
        ],
        themes: [
            ("system", "As the device", DefaultTheme::System),
            ("light", "Light", DefaultTheme::Light),
            ("dark", "Dark", DefaultTheme::Dark),
        ]
        .into_iter()
        .map(|(value, label, theme)| ThemeChoice { value, label, chosen: theme == settings.default_theme })
        .collect(),
        show_watermark: settings.show_watermark,
        logo_url: has_logo.then(|| visit.path("/settings/connect-page/logo")),
        logo_limit: format!("{} KB", MAX_LOGO_BYTES / 1024),
        preview_src: PREVIEW,
        errors,
    };
    page_with(status, &page)
}

fn colour(name: &'static str, label: &'static str, surface: &'static str, value: &str) -> ColourField {
    let behind = if surface == "light" { LIGHT_SURFACE } else { DARK_SURFACE };
    let parsed = Rgb::parse(value);
    let (advice, enough) = parsed.map_or((String::new(), true), |rgb| advice(rgb, behind));
    let hex = parsed.unwrap_or(behind).hex();
    ColourField { name, label, surface, value: value.to_owned(), hex, advice, enough }
}
