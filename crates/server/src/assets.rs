//! Static files of the pages, compiled into the binary.
//!
//! Every file is served under `/assets/<bundle>/<path>`, where `<bundle>` is a hash over all of
//! them: modules can import each other by relative path, and a browser may keep what it has for
//! ever, because a changed file changes every address.

mod trim;

use std::borrow::Cow;
use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tower_http::compression::CompressionLayer;

/// How long a browser may keep a file whose address names its content (one year, the longest
/// that caches honour).
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// A page that was loaded before an upgrade asks for the old bundle: it gets today's file, but
/// must not keep it under yesterday's address.
const REVALIDATE: &str = "public, no-cache";

/// Pictures opened as documents of their own may style themselves and nothing else.
const PICTURE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

struct Asset {
    path: &'static str,
    bytes: &'static [u8],
}

macro_rules! assets {
    ($($path:literal),* $(,)?) => {
        &[$(Asset { path: $path, bytes: include_bytes!(concat!("../assets/", $path)) }),*]
    };
}

/// Every file of `crates/server/assets`, tests excepted.
const ASSETS: &[Asset] = assets![
    "connect.css",
    "connect/api.js",
    "connect/away.js",
    "connect/colour.js",
    "connect/config.js",
    "connect/copy.js",
    "connect/dom.js",
    "connect/errors.js",
    "connect/field.js",
    "connect/file.js",
    "connect/form.js",
    "connect/guide.js",
    "connect/host.js",
    "connect/i18n.js",
    "connect/main.js",
    "connect/modes.js",
    "connect/normalise.js",
    "connect/preview.js",
    "connect/screens/form.js",
    "connect/screens/frame.js",
    "connect/screens/list.js",
    "connect/screens/message.js",
    "connect/screens/success.js",
    "connect/search.js",
    "connect/shell.js",
    "connect/steps.js",
    "connect/theme.js",
    "connect/validate.js",
    "connect/window.js",
    "dashboard.css",
    "dashboard/copy.js",
    "dashboard/forms.js",
    "dashboard/key_file.js",
    "dashboard/keys.js",
    "dashboard/live.js",
    "dashboard/main.js",
    "dashboard/palette.js",
    "dashboard/preview.js",
    "dashboard/scope_words.js",
    "dashboard/scopes.js",
    "dashboard/toast.js",
    "favicon.svg",
    "guides.css",
    "i18n/ar.json",
    "i18n/de.json",
    "i18n/en.json",
    "i18n/es.json",
    "i18n/fr.json",
    "i18n/it.json",
    "i18n/ja.json",
    "i18n/nl.json",
    "i18n/pl.json",
    "i18n/pt.json",
    "icons.svg",
    "mark.svg",
    "parts.css",
    "popup.css",
    "popup/result.js",
    "tokens.css",
];

/// Stylesheets that a page would ask for one by one, sent as one: each request costs a visitor
/// more than these files weigh.
const SHEETS: &[(&str, &[&str])] = &[
    ("sheets/connect.css", &["tokens.css", "parts.css", "connect.css"]),
    ("sheets/guides.css", &["tokens.css", "parts.css", "guides.css"]),
    ("sheets/popup.css", &["tokens.css", "parts.css", "popup.css"]),
];

struct Bundle {
    hash: String,
    files: Vec<File>,
}

struct File {
    path: &'static str,
    /// As it is sent.
    bytes: Cow<'static, [u8]>,
    /// Weak, because the file may travel compressed.
    tag: String,
}

static BUNDLE: LazyLock<Bundle> = LazyLock::new(|| {
    let single = ASSETS.iter().map(|asset| (asset.path, trim::trim(asset.path, asset.bytes)));
    let sheets = SHEETS.iter().map(|(path, parts)| (*path, Cow::Owned(joined(parts))));
    let mut all = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    let files = single
        .chain(sheets)
        .map(|(path, bytes)| {
            all.update(path.as_bytes());
            all.update(&bytes);
            File { path, tag: format!("W/\"{}\"", short_hash(&bytes)), bytes }
        })
        .collect();
    Bundle { hash: hex::encode(&all.finish().as_ref()[..6]), files }
});

/// The named files, one after the other.
fn joined(parts: &[&str]) -> Vec<u8> {
    let find = |part: &str| ASSETS.iter().find(|asset| asset.path == part);
    parts
        .iter()
        .filter_map(|part| find(part))
        .flat_map(|asset| trim::trim(asset.path, asset.bytes).into_owned())
        .collect()
}

/// Twelve hexadecimal digits of the SHA-256 of `bytes`: enough to tell two versions of a page
/// apart, used in addresses and entity tags.
pub(crate) fn short_hash(bytes: &[u8]) -> String {
    hex::encode(&aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref()[..6])
}

/// The address of a file, relative to the server's root: `url("parts.css")` is
/// `/assets/<bundle>/parts.css`. Templates put the base path in front.
pub fn url(path: &str) -> String {
    debug_assert!(find(path).is_some(), "no such asset: {path}");
    format!("/assets/{}/{path}", BUNDLE.hash)
}

/// The folder all files are served from, `/assets/<bundle>/`: scripts load catalogues from here.
pub fn folder() -> String {
    format!("/assets/{}/", BUNDLE.hash)
}

/// Modules that are imported when they are needed: most visits see none of them.
const FETCHED_LATER: [&str; 4] =
    ["connect/away.js", "connect/preview.js", "connect/screens/list.js", "connect/search.js"];

/// The addresses of all scripts below a folder, `"connect/"` for instance: a page names them in
/// its head, so that a browser need not follow the imports one by one.
pub fn modules(folder: &str) -> Vec<String> {
    ASSETS
        .iter()
        .filter(|asset| {
            asset.path.starts_with(folder)
                && content_type(asset.path).starts_with("text/javascript")
                && !FETCHED_LATER.contains(&asset.path)
        })
        .map(|asset| url(asset.path))
        .collect()
}

/// `GET /assets/{bundle}/{*path}` and `GET /favicon.svg`.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/assets/{bundle}/{*path}", get(asset))
        .route("/favicon.svg", get(favicon))
        .route("/favicon.ico", get(favicon))
        .layer(CompressionLayer::new())
}

async fn asset(Path((bundle, path)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let cache = if bundle == BUNDLE.hash { IMMUTABLE } else { REVALIDATE };
    answer(&path, cache, &headers)
}

async fn favicon(headers: HeaderMap) -> Response {
    answer("favicon.svg", "public, max-age=86400", &headers)
}

fn find(path: &str) -> Option<&'static File> {
    BUNDLE.files.iter().find(|file| file.path == path)
}

fn answer(path: &str, cache: &'static str, headers: &HeaderMap) -> Response {
    let Some(file) = find(path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = if matches_tag(headers, &file.tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        bytes::Bytes::from_static(&file.bytes).into_response()
    };
    let out = response.headers_mut();
    let kind = content_type(path);
    out.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    out.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    if kind == "image/svg+xml" {
        out.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(PICTURE_POLICY));
    }
    out.insert(HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff"));
    if let Ok(value) = HeaderValue::from_str(&file.tag) {
        out.insert(ETAG, value);
    }
    response
}

/// Whether `If-None-Match` names `tag` (RFC 9110 §13.1.2, weak comparison).
pub(crate) fn matches_tag(headers: &HeaderMap, tag: &str) -> bool {
    let opaque = tag.trim_start_matches("W/");
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|candidate| candidate == "*" || candidate.trim_start_matches("W/") == opaque)
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path as FsPath;

    use axum::body::Body;
    use http::Request;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::*;

    async fn get_page(path: &str, header: Option<(&str, &str)>) -> Response {
        let mut request = Request::get(path);
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        routes::<()>().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    fn files(folder: &FsPath, prefix: &str, out: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if entry.file_type().unwrap().is_dir() {
                if name != "test" {
                    files(&entry.path(), &format!("{prefix}{name}/"), out);
                }
            } else if name != "package.json" {
                out.push(format!("{prefix}{name}"));
            }
        }
    }

    #[test]
    fn every_file_of_the_folder_is_served() {
        let mut found = Vec::new();
        files(&FsPath::new(env!("CARGO_MANIFEST_DIR")).join("assets"), "", &mut found);
        found.sort();
        let mut listed: Vec<_> = ASSETS.iter().map(|asset| asset.path.to_owned()).collect();
        listed.sort();
        assert_eq!(found, listed);
    }

    #[tokio::test]
    async fn a_file_may_be_kept_for_ever_under_its_own_address_only() {
        let fresh = get_page(&url("tokens.css"), None).await;
        assert_eq!(fresh.status(), StatusCode::OK);
        assert_eq!(fresh.headers()[CONTENT_TYPE], "text/css; charset=utf-8");
        assert_eq!(fresh.headers()[CACHE_CONTROL], IMMUTABLE);
        let stale = get_page("/assets/000000000000/tokens.css", None).await;
        assert_eq!(stale.status(), StatusCode::OK);
        assert_eq!(stale.headers()[CACHE_CONTROL], REVALIDATE);
    }

    #[tokio::test]
    async fn an_unchanged_file_is_not_sent_again() {
        let tag = get_page(&url("mark.svg"), None).await.headers()[ETAG].to_str().unwrap().to_owned();
        let again = get_page(&url("mark.svg"), Some(("if-none-match", &tag))).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert!(again.into_body().collect().await.unwrap().to_bytes().is_empty());
    }

    #[tokio::test]
    async fn stylesheets_travel_compressed() {
        let response = get_page(&url("parts.css"), Some(("accept-encoding", "br"))).await;
        assert_eq!(response.headers()["content-encoding"], "br");
        let sent = response.into_body().collect().await.unwrap().to_bytes().len();
        assert!(sent < 8_000, "{sent} bytes");
    }

    #[tokio::test]
    async fn the_sheet_of_a_page_holds_all_its_parts() {
        let sheet = get_page(&url("sheets/connect.css"), None).await;
        let text = sheet.into_body().collect().await.unwrap().to_bytes();
        let text = std::str::from_utf8(&text).unwrap();
        assert!(text.contains("--accent:") && text.contains(".button {") && text.contains(".sheet {"));
        for (_, parts) in SHEETS {
            assert!(parts.iter().all(|part| ASSETS.iter().any(|asset| asset.path == *part)));
        }
    }

    #[tokio::test]
    async fn nothing_outside_the_list_is_served() {
        for path in ["/assets/x/../Cargo.toml", "/assets/x/%2e%2e/Cargo.toml", "/assets/x/none.css"] {
            assert_eq!(get_page(path, None).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
}
