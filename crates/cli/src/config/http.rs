//! Where the server listens and how the world reaches it.

use std::net::SocketAddr;

use url::Url;

use super::reader::{Reader, Setting};

/// `listen`.
pub const LISTEN: Setting = Setting { key: "listen", env: "DOVETAIL_LISTEN", aliases: &[] };
/// The reference's port variables: the port of [`LISTEN`] only.
const PORT_ALIASES: [&str; 2] = ["SERVER_PORT", "NANGO_PORT"];
/// `public_url`.
pub const PUBLIC_URL: Setting =
    Setting { key: "public_url", env: "DOVETAIL_PUBLIC_URL", aliases: &["NANGO_SERVER_URL"] };
/// `trusted_origins`.
pub const TRUSTED_ORIGINS: Setting =
    Setting { key: "trusted_origins", env: "DOVETAIL_TRUSTED_ORIGINS", aliases: &[] };
/// `websockets_path`.
pub const WEBSOCKETS_PATH: Setting = Setting {
    key: "websockets_path",
    env: "DOVETAIL_WEBSOCKETS_PATH",
    aliases: &["NANGO_SERVER_WEBSOCKETS_PATH"],
};

/// Address, public URL and origins.
#[derive(Debug, Clone)]
pub struct HttpConfig {
    /// Socket to listen on.
    pub listen: SocketAddr,
    /// Absolute URL under which this server is reached, without a trailing slash in its path.
    pub public_url: Url,
    /// Whether `public_url` was given rather than derived from the port.
    pub public_url_given: bool,
    /// Origins allowed to embed the Connect page and to be named as its API.
    pub trusted_origins: Vec<Url>,
    /// Path of the WebSocket endpoint.
    pub websockets_path: String,
}

impl HttpConfig {
    /// Reads the settings of this topic.
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let fallback = SocketAddr::from(([127, 0, 0, 1], 3003));
        let listen = reader
            .parsed(&LISTEN, |text| {
                text.parse::<SocketAddr>().map_err(|_| {
                    format!("expected an address and port such as 127.0.0.1:3003, found `{text}`")
                })
            })
            .map_or(fallback, |given| {
                // The reference's port variables only count when nobody said where to listen.
                if given.source.starts_with("default") {
                    alias_port(reader, given.value)
                } else {
                    given.value
                }
            });
        let given = reader.parsed(&PUBLIC_URL, absolute_http_url);
        let public_url_given = given.is_some();
        let public_url = given.map(|given| given.value).unwrap_or_else(|| derived_public_url(listen.port()));
        if public_url_given && public_url.scheme() == "http" && !is_loopback_name(&public_url) {
            reader.warn(format!(
                "public_url is {public_url}: credentials would travel unencrypted. Put TLS in front and use https."
            ));
        }
        if !listen.ip().is_loopback() && !public_url_given {
            reader.warn(format!(
                "listening on {listen} without public_url: links point at localhost. Set DOVETAIL_PUBLIC_URL."
            ));
        }
        let trusted_origins = reader.list(&TRUSTED_ORIGINS, |text| {
            let url = absolute_http_url(text)?;
            if url.path() == "/" && url.query().is_none() {
                Ok(url)
            } else {
                Err(format!("expected an origin such as https://app.example.com, found `{text}`"))
            }
        });
        let websockets_path = reader
            .parsed(&WEBSOCKETS_PATH, |text| {
                if text.starts_with('/') {
                    Ok(text.to_owned())
                } else {
                    Err("expected a path that starts with /".to_owned())
                }
            })
            .map_or_else(|| "/".to_owned(), |given| given.value);
        Self { listen, public_url, public_url_given, trusted_origins, websockets_path }
    }
}

/// The URL used when none was given: this machine, by name, on `port`.
pub fn derived_public_url(port: u16) -> Url {
    let mut url = localhost();
    if url.set_port(Some(port)).is_err() {
        return localhost();
    }
    url
}

#[expect(clippy::expect_used, reason = "a constant that parses")]
fn localhost() -> Url {
    Url::parse("http://localhost").expect("constant URL")
}

fn alias_port(reader: &mut Reader<'_>, listen: SocketAddr) -> SocketAddr {
    let mut listen = listen;
    for name in PORT_ALIASES {
        if let Some(text) = reader.env().get(name) {
            match text.parse::<u16>() {
                Ok(port) => listen.set_port(port),
                Err(_) => reader.problem(name, format!("expected a port number, found `{text}`")),
            }
            break;
        }
    }
    listen
}

fn absolute_http_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("expected an absolute URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err("expected a URL that starts with http:// or https://".to_owned());
    }
    if !url.username().is_empty()
        || url.password().is_some()
        || url.fragment().is_some()
        || url.query().is_some()
    {
        return Err("expected a URL without user name, query or fragment".to_owned());
    }
    Ok(url)
}

fn is_loopback_name(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}
