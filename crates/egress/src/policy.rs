//! Which targets may be reached (proxy.md section 10).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use url::{Host, Url};

use crate::address::{AddressClass, classify, embedded_v4};
use crate::error::{BlockReason, EgressError};
use crate::limits;

/// Names of cloud metadata services: refused by name, before any resolver is asked.
const METADATA_NAMES: [&str; 3] = ["metadata.google.internal", "metadata.goog", "instance-data.ec2.internal"];

/// The address policy: public addresses, plus the ranges that the operator allows.
#[derive(Debug, Clone, Default)]
pub struct AddressPolicy {
    allow: Vec<IpNet>,
}

impl AddressPolicy {
    /// A policy that lets through public addresses and `allow`; metadata addresses never.
    pub fn new(allow: Vec<IpNet>) -> Self {
        Self { allow }
    }

    /// Judges what can be judged without a resolver: scheme, literal addresses in every
    /// notation WHATWG URLs know (decimal, octal, hex, trailing dot, IPv4 inside of IPv6),
    /// names that mean this machine, and names of metadata services.
    pub fn check_url(&self, url: &Url) -> Result<(), EgressError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(EgressError::Blocked(BlockReason::Scheme(url.scheme().to_owned())));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EgressError::InvalidUrl("it holds a user name or password"));
        }
        if url.as_str().len() > limits::MAX_URL_BYTES {
            return Err(EgressError::InvalidUrl("it is too long"));
        }
        match url.host() {
            None => Err(EgressError::InvalidUrl("it has no host")),
            Some(Host::Ipv4(addr)) => self.check_literal(IpAddr::V4(addr)),
            Some(Host::Ipv6(addr)) => self.check_literal(IpAddr::V6(addr)),
            Some(Host::Domain(name)) => self.check_name(name),
        }
    }

    /// Judges an address written in a URL.
    pub fn check_literal(&self, addr: IpAddr) -> Result<(), EgressError> {
        self.verdict(addr).map_err(|class| EgressError::Blocked(BlockReason::Literal { addr, class }))
    }

    /// Judges all answers of the resolver: one bad address refuses the name.
    pub fn check_resolved(&self, host: &str, addrs: &[IpAddr]) -> Result<(), EgressError> {
        addrs.iter().try_for_each(|&addr| {
            self.verdict(addr).map_err(|class| {
                EgressError::Blocked(BlockReason::Resolved { host: host.to_owned(), addr, class })
            })
        })
    }

    fn check_name(&self, name: &str) -> Result<(), EgressError> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let refused = || Err(EgressError::Blocked(BlockReason::Hostname(name.clone())));
        if name.is_empty() {
            return Err(EgressError::InvalidUrl("it has no host"));
        }
        if METADATA_NAMES.contains(&name.as_str()) {
            return refused();
        }
        if name == "localhost" || name.ends_with(".localhost") {
            let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
            if !loopback.iter().any(|&addr| self.verdict(addr).is_ok()) {
                return refused();
            }
        }
        Ok(())
    }

    fn verdict(&self, addr: IpAddr) -> Result<(), AddressClass> {
        match classify(addr) {
            AddressClass::Public => Ok(()),
            AddressClass::Metadata => Err(AddressClass::Metadata),
            _ if self.is_allowed(addr) => Ok(()),
            class => Err(class),
        }
    }

    fn is_allowed(&self, addr: IpAddr) -> bool {
        let carried = match addr {
            IpAddr::V6(v6) => embedded_v4(v6).map(IpAddr::V4),
            IpAddr::V4(_) => None,
        };
        self.allow.iter().any(|net| net.contains(&addr) || carried.is_some_and(|v4| net.contains(&v4)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn verdict(allow: &[&str], url: &str) -> Result<(), EgressError> {
        let policy = AddressPolicy::new(allow.iter().map(|net| net.parse().unwrap()).collect());
        policy.check_url(&Url::parse(url).unwrap())
    }

    #[test]
    fn every_spelling_of_a_local_address_is_refused() {
        for url in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://2852039166/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://127.1/",
            "http://127.0.0.1./",
            "http://0.0.0.0/",
            "http://0/",
            "http://[::1]/",
            "http://[::]/",
            "http://[::ffff:7f00:1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[64:ff9b::a9fe:a9fe]/",
            "http://[2002:7f00:1::]/",
            "http://localhost/",
            "http://localhost./",
            "http://LOCALHOST:80/",
            "http://a.localhost/",
            "http://10.0.0.5/",
            "http://metadata.google.internal./computeMetadata/v1/",
            "https://192.168.0.1:8443/x",
            "http://１２７.0.0.1/",
        ] {
            assert!(matches!(verdict(&[], url), Err(EgressError::Blocked(_))), "{url}");
        }
    }

    #[test]
    fn public_hosts_pass() {
        for url in ["https://api.example.com/v1", "http://8.8.8.8/", "https://[2606:4700::1111]/"] {
            assert!(verdict(&[], url).is_ok(), "{url}");
        }
    }

    #[test]
    fn other_schemes_and_credentials_in_the_url_are_refused() {
        assert_eq!(verdict(&[], "ftp://example.com/").unwrap_err().code(), "invalid_scheme");
        assert_eq!(verdict(&[], "file:///etc/passwd").unwrap_err().code(), "invalid_scheme");
        assert_eq!(verdict(&[], "https://a:b@example.com/").unwrap_err().code(), "ERR_INVALID_URL");
    }

    #[test]
    fn allowed_ranges_pass_but_metadata_never_does() {
        assert!(verdict(&["127.0.0.0/8"], "http://127.0.0.1:3999/").is_ok());
        assert!(verdict(&["127.0.0.0/8"], "http://[::ffff:127.0.0.1]/").is_ok());
        assert!(verdict(&["127.0.0.0/8"], "http://localhost:3999/").is_ok());
        assert!(verdict(&["10.0.0.0/8"], "http://localhost:3999/").is_err());
        for url in ["http://169.254.169.254/", "http://[fd00:ec2::254]/", "http://metadata.google.internal/"]
        {
            assert!(verdict(&["0.0.0.0/0", "::/0"], url).is_err(), "{url}");
        }
    }

    #[test]
    fn one_bad_answer_refuses_the_name() {
        let policy = AddressPolicy::default();
        let answers = ["8.8.8.8".parse().unwrap(), "10.0.0.1".parse().unwrap()];
        assert_eq!(policy.check_resolved("evil.test", &answers).unwrap_err().code(), "denied_dns");
        assert!(policy.check_resolved("ok.test", &answers[..1]).is_ok());
    }

    proptest! {
        #[test]
        fn all_notations_of_one_address_get_one_verdict(bits in any::<u32>()) {
            let policy = AddressPolicy::default();
            let v4 = Ipv4Addr::from(bits);
            let [a, b, c, d] = v4.octets();
            let expected = policy.check_literal(IpAddr::V4(v4)).is_ok();
            for host in [
                format!("{v4}"),
                format!("{v4}."),
                format!("{bits}"),
                format!("0x{bits:x}"),
                format!("0{bits:o}"),
                format!("0x{a:x}.0{b:o}.{c}.{d}"),
                format!("{a}.{}", bits & 0x00ff_ffff),
                format!("[::ffff:{v4}]"),
            ] {
                let url = Url::parse(&format!("http://{host}/")).unwrap();
                prop_assert_eq!(policy.check_url(&url).is_ok(), expected, "{}", host);
            }
        }

        #[test]
        fn no_url_makes_the_policy_panic(text in ".{0,60}") {
            if let Ok(url) = Url::parse(&format!("http://{text}")) {
                drop(AddressPolicy::default().check_url(&url));
            }
        }
    }
}
