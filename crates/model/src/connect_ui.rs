//! How an environment's Connect page looks (connect.md 8).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Settings of the Connect page; one set an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectUiSettings {
    /// Whether the footer names Dovetail.
    pub show_watermark: bool,
    /// The theme used when neither query nor session says otherwise.
    pub default_theme: DefaultTheme,
    /// Primary colours.
    pub theme: Theme,
    /// The product's name, shown in headings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_name: Option<String>,
    /// Where the success screen of a shared link leads back to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_url: Option<String>,
    /// The product's logo. Kept in columns of its own, not in this document.
    #[serde(skip)]
    pub logo: Option<Logo>,
}

/// A logo as stored data: the page makes no request to a third party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    /// `image/svg+xml`, `image/png`, `image/webp` or `image/jpeg`.
    pub content_type: String,
    /// The image, at most [`crate::limits::MAX_LOGO_BYTES`].
    pub bytes: Vec<u8>,
}

/// Which theme is used by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DefaultTheme {
    /// Always light.
    Light,
    /// Always dark.
    Dark,
    /// What the visitor's system prefers.
    #[default]
    System,
}

/// Primary colours of both themes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Theme {
    /// Of the light theme.
    pub light: ThemeColours,
    /// Of the dark theme.
    pub dark: ThemeColours,
}

/// The colours a product may set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThemeColours {
    /// Any CSS colour.
    pub primary: String,
}

impl Default for ConnectUiSettings {
    /// The wire's keys (http-api 2.6) with the accents of our own pages: each stands out at 3:1 or more from its
    /// theme's surface.
    fn default() -> Self {
        let accent = |primary: &str| ThemeColours { primary: primary.to_owned() };
        Self {
            show_watermark: true,
            default_theme: DefaultTheme::System,
            theme: Theme { light: accent("#007B70"), dark: accent("#45C1B4") },
            app_name: None,
            return_url: None,
            logo: None,
        }
    }
}

impl ConnectUiSettings {
    /// The object answered as `connectUISettings`: exactly the keys published clients know, and
    /// `appName`, `returnUrl` and `logo` (a data URL) only where they are set.
    pub fn to_wire(&self) -> Value {
        let mut wire = json!({
            "showWatermark": self.show_watermark,
            "defaultTheme": self.default_theme,
            "theme": self.theme,
        });
        if let Some(name) = &self.app_name {
            wire["appName"] = json!(name);
        }
        if let Some(url) = &self.return_url {
            wire["returnUrl"] = json!(url);
        }
        if let Some(logo) = &self.logo {
            wire["logo"] = json!(logo.data_url());
        }
        wire
    }
}

impl Logo {
    /// The image as a `data:` URL, so that a page shows it without another request.
    pub fn data_url(&self) -> String {
        format!("data:{};base64,{}", self.content_type, STANDARD.encode(&self.bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_have_the_keys_of_the_wire_and_our_own_accents() {
        assert_eq!(
            ConnectUiSettings::default().to_wire().to_string(),
            r##"{"showWatermark":true,"defaultTheme":"system","theme":{"light":{"primary":"#007B70"},"dark":{"primary":"#45C1B4"}}}"##
        );
    }
    #[test]
    fn name_and_logo_travel_only_where_they_are_set() {
        let settings = ConnectUiSettings {
            app_name: Some("Acme".to_owned()),
            logo: Some(Logo { content_type: "image/svg+xml".to_owned(), bytes: b"<svg/>".to_vec() }),
            ..ConnectUiSettings::default()
        };
        let wire = settings.to_wire();
        assert_eq!(wire["appName"], "Acme");
        assert_eq!(wire["logo"], "data:image/svg+xml;base64,PHN2Zy8+");
        assert_eq!(wire.get("returnUrl"), None);
    }
}
