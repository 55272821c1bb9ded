//! Who is calling, through at most one proxy (spec: http-api.md 1.1).

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use http::request::Parts;

/// The caller's address. The last entry of `X-Forwarded-For` counts only when the peer is a proxy of our own
/// network: anybody else could write what they like into it.
pub(crate) fn read(parts: &Parts, trust_proxy: bool) -> Option<IpAddr> {
    let ConnectInfo(peer) = parts.extensions.get::<ConnectInfo<SocketAddr>>()?;
    let peer = peer.ip().to_canonical();
    if !(trust_proxy && is_own_network(peer)) {
        return Some(peer);
    }
    let forwarded = parts.headers.get_all("x-forwarded-for").iter().next_back();
    let last = forwarded.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
    Some(last.unwrap_or(peer))
}

fn is_own_network(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(peer: &str, forwarded: &str) -> String {
        let peer: SocketAddr = peer.parse().unwrap();
        let request =
            http::Request::builder().header("x-forwarded-for", forwarded).extension(ConnectInfo(peer));
        let (parts, ()) = request.body(()).unwrap().into_parts();
        read(&parts, true).unwrap().to_string()
    }

    #[test]
    fn only_a_proxy_of_our_network_is_believed() {
        assert_eq!(ip("10.0.0.1:80", "1.1.1.1, 2.2.2.2"), "2.2.2.2");
        assert_eq!(ip("9.9.9.9:80", "1.1.1.1"), "9.9.9.9");
        assert_eq!(ip("127.0.0.1:80", "nonsense"), "127.0.0.1");
    }
}
