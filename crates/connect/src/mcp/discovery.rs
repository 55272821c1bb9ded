//! From the URL of an MCP server to its authorization server (auth-modes.md 8.1; RFC 9728, RFC 8414).

use serde::{Deserialize, Serialize};
use url::Url;

use super::challenge::Challenge;
use super::fetch::{self, Found};
use crate::obtain::{ObtainError, Party};

/// Metadata of a protected resource (RFC 9728 section 2).
#[derive(Debug, Deserialize)]
struct ResourceMetadata {
    resource: String,
    #[serde(default)]
    authorization_servers: Vec<String>,
    #[serde(default)]
    scopes_supported: Vec<String>,
}

/// Metadata of an authorization server (RFC 8414 section 2), as far as it is used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ServerMetadata {
    pub(crate) issuer: String,
    pub(crate) authorization_endpoint: String,
    pub(crate) token_endpoint: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) registration_endpoint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) revocation_endpoint: Option<String>,
    pub(crate) response_types_supported: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code_challenge_methods_supported: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) scopes_supported: Vec<String>,
    #[serde(default)]
    pub(crate) client_id_metadata_document_supported: bool,
    #[serde(default)]
    pub(crate) authorization_response_iss_parameter_supported: bool,
}

/// What is known of a server and whom it trusts.
#[derive(Debug)]
pub(crate) struct Discovered {
    /// The resource that tokens are for (RFC 8707).
    pub(crate) resource: String,
    pub(crate) server: ServerMetadata,
    /// Scopes that the server asked for, or knows.
    pub(crate) challenged: Option<String>,
    pub(crate) supported: Vec<String>,
}

/// Finds the authorization server of an MCP server.
pub(crate) async fn discover(party: &Party<'_>, server: &Url) -> Result<Discovered, ObtainError> {
    let challenge = challenge(party, server).await?;
    let resource = resource(party, server, &challenge).await?;
    let issuer = match resource.as_ref().and_then(|resource| resource.authorization_servers.first()) {
        Some(issuer) => guarded(issuer)?,
        None => origin(server)?,
    };
    let metadata = server_metadata(party, &issuer).await?;
    let supported = match &resource {
        Some(resource) if !resource.scopes_supported.is_empty() => resource.scopes_supported.clone(),
        _ => metadata.scopes_supported.clone(),
    };
    Ok(Discovered {
        resource: resource.map_or_else(|| server.to_string(), |resource| resource.resource),
        server: metadata,
        challenged: challenge.scope.filter(|scope| !scope.is_empty()),
        supported,
    })
}

async fn challenge(party: &Party<'_>, server: &Url) -> Result<Challenge, ObtainError> {
    let head = fetch::head(party, server).await?;
    Ok(if head.status.is_client_error() { Challenge::read(&head.headers) } else { Challenge::default() })
}

/// The resource's metadata: where the challenge says, else below the well-known path with and without the server's own.
async fn resource(
    party: &Party<'_>,
    server: &Url,
    challenge: &Challenge,
) -> Result<Option<ResourceMetadata>, ObtainError> {
    let mut places = Vec::new();
    if let Some(told) = &challenge.resource_metadata {
        places.push(guarded(told)?);
    }
    const NAME: &str = "/.well-known/oauth-protected-resource";
    places.push(at(server, &format!("{NAME}{}", server.path().trim_end_matches('/')), server.query()));
    places.push(at(server, NAME, None));
    places.dedup();
    for place in places {
        // A server without such metadata is its own authorization server: only what it says counts against it.
        if let Ok(Found::Document(found)) = fetch::document::<ResourceMetadata>(party, &place).await {
            return if covers(&found.resource, server) {
                Ok(Some(found))
            } else {
                Err(ObtainError::Unreadable(format!(
                    "the metadata of {} are those of another resource",
                    server.host_str().unwrap_or_default()
                )))
            };
        }
    }
    Ok(None)
}

/// Whether a resource is the server, or holds it: same origin, and its path leads to the server's (RFC 9728
/// section 3.3).
fn covers(resource: &str, server: &Url) -> bool {
    let Ok(resource) = Url::parse(resource) else { return false };
    let (whole, part) = (resource.path().trim_end_matches('/'), server.path().trim_end_matches('/'));
    resource.origin() == server.origin()
        && part.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

async fn server_metadata(party: &Party<'_>, issuer: &Url) -> Result<ServerMetadata, ObtainError> {
    let path = issuer.path().trim_end_matches('/');
    let mut places = vec![
        format!("/.well-known/oauth-authorization-server{path}"),
        format!("/.well-known/openid-configuration{path}"),
    ];
    if !path.is_empty() {
        places.push(format!("{path}/.well-known/openid-configuration"));
    }
    for place in places {
        if let Found::Document(found) =
            fetch::document::<ServerMetadata>(party, &at(issuer, &place, None)).await?
        {
            return checked(found, issuer);
        }
    }
    Err(ObtainError::Unreadable(format!(
        "{} publishes no metadata of an authorization server",
        issuer.host_str().unwrap_or_default()
    )))
}

/// Metadata speak for the issuer that they were asked of, and for no other (RFC 8414 section 3.3); their endpoints are
/// guarded like the server itself.
fn checked(mut found: ServerMetadata, issuer: &Url) -> Result<ServerMetadata, ObtainError> {
    let same = Url::parse(&found.issuer).is_ok_and(|told| {
        told.origin() == issuer.origin()
            && told.path().trim_end_matches('/') == issuer.path().trim_end_matches('/')
    });
    if !same {
        return Err(ObtainError::Unreadable("the metadata are those of another issuer".to_owned()));
    }
    guarded(&found.authorization_endpoint)?;
    guarded(&found.token_endpoint)?;
    found.registration_endpoint = found.registration_endpoint.filter(|url| guarded(url).is_ok());
    found.revocation_endpoint = found.revocation_endpoint.filter(|url| guarded(url).is_ok());
    if !found.response_types_supported.iter().any(|kind| kind == "code") {
        return Err(ObtainError::Unreadable("its authorization server gives no codes".to_owned()));
    }
    let methods = found.code_challenge_methods_supported.as_ref();
    if methods.is_some_and(|methods| !methods.iter().any(|method| method == "S256")) {
        return Err(ObtainError::Unreadable(
            "its authorization server does not know PKCE with S256".to_owned(),
        ));
    }
    Ok(found)
}

/// A URL that is https. Plain http is for this machine alone, and whether that may be called is for the address policy
/// to say.
pub(crate) fn guarded(text: &str) -> Result<Url, ObtainError> {
    let refused = || ObtainError::Unbuildable(format!("the URL {} is not an https URL", host_of(text)));
    let url = Url::parse(text).map_err(|_| refused())?;
    let local = url.host().is_some_and(|host| match host {
        url::Host::Domain(name) => name == "localhost",
        url::Host::Ipv4(address) => address.is_loopback(),
        url::Host::Ipv6(address) => address.is_loopback(),
    });
    let plain = url.username().is_empty() && url.password().is_none() && url.has_host();
    if plain && (url.scheme() == "https" || (url.scheme() == "http" && local)) {
        Ok(url)
    } else {
        Err(refused())
    }
}

fn host_of(text: &str) -> String {
    Url::parse(text).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

fn origin(server: &Url) -> Result<Url, ObtainError> {
    Url::parse(&server.origin().ascii_serialization())
        .map_err(|_| ObtainError::Unbuildable("the server's URL is not valid".to_owned()))
}

fn at(base: &Url, path: &str, query: Option<&str>) -> Url {
    let mut url = base.clone();
    url.set_path(path);
    url.set_query(query);
    url.set_fragment(None);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_resource_covers_what_lies_below_it() {
        for (resource, server, expected) in [
            ("https://mcp.test/mcp", "https://mcp.test/mcp", true),
            ("https://mcp.test", "https://mcp.test/mcp", true),
            ("https://mcp.test/", "https://mcp.test/mcp/", true),
            ("https://mcp.test/mc", "https://mcp.test/mcp", false),
            ("https://evil.test/mcp", "https://mcp.test/mcp", false),
            ("http://mcp.test/mcp", "https://mcp.test/mcp", false),
            ("no url", "https://mcp.test/mcp", false),
        ] {
            assert_eq!(covers(resource, &url(server)), expected, "{resource} {server}");
        }
    }

    #[test]
    fn only_https_is_called_and_http_on_this_machine() {
        for good in
            ["https://mcp.test/x", "http://127.0.0.1:3000/mcp", "http://localhost:3000", "http://[::1]:1/"]
        {
            assert!(guarded(good).is_ok(), "{good}");
        }
        for bad in [
            "http://mcp.test",
            "ftp://mcp.test",
            "https://u:p@mcp.test",
            "javascript:1",
            "",
            "http://127.0.0.1.evil.test",
        ] {
            assert!(guarded(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn metadata_of_another_issuer_are_refused() {
        let metadata = |issuer: &str| ServerMetadata {
            issuer: issuer.to_owned(),
            authorization_endpoint: "https://as.test/a".to_owned(),
            token_endpoint: "https://as.test/t".to_owned(),
            registration_endpoint: Some("http://as.test/r".to_owned()),
            revocation_endpoint: None,
            response_types_supported: vec!["code".to_owned()],
            code_challenge_methods_supported: None,
            token_endpoint_auth_methods_supported: None,
            scopes_supported: Vec::new(),
            client_id_metadata_document_supported: false,
            authorization_response_iss_parameter_supported: false,
        };
        let good = checked(metadata("https://as.test/"), &url("https://as.test")).unwrap();
        assert_eq!(good.registration_endpoint, None, "an endpoint without TLS is not used");
        assert!(checked(metadata("https://other.test"), &url("https://as.test")).is_err());
        let plain = ServerMetadata {
            code_challenge_methods_supported: Some(vec!["plain".to_owned()]),
            ..metadata("https://as.test")
        };
        assert!(checked(plain, &url("https://as.test")).is_err());
    }
}
