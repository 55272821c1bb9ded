//! Which class an IP address belongs to. Only [`AddressClass::Public`] is dialled by default.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Class of an address by the special-purpose registries (RFC 6890 and successors).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressClass {
    /// Globally reachable.
    Public,
    /// A cloud's metadata or credential service: never dialled, whatever is allowed.
    Metadata,
    /// `127.0.0.0/8`, `::1`.
    Loopback,
    /// `0.0.0.0/8`, `::`.
    Unspecified,
    /// `169.254.0.0/16`, `fe80::/10`.
    LinkLocal,
    /// RFC 1918, unique local, site local, local NAT64, Teredo.
    Private,
    /// `100.64.0.0/10`, addresses behind a carrier's NAT.
    CarrierNat,
    /// `224.0.0.0/4`, `ff00::/8`.
    Multicast,
    /// Documentation, benchmarking, future use, broadcast.
    Reserved,
}

impl std::fmt::Display for AddressClass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Public => "a public address",
            Self::Metadata => "a cloud metadata address",
            Self::Loopback => "a loopback address",
            Self::Unspecified => "the unspecified address",
            Self::LinkLocal => "a link-local address",
            Self::Private => "a private address",
            Self::CarrierNat => "a carrier NAT address",
            Self::Multicast => "a multicast address",
            Self::Reserved => "a reserved address",
        })
    }
}

/// Metadata services by exact address: AWS, GCP, Azure and others on `169.254.169.254`, AWS
/// ECS and EKS on `169.254.170.*`, Scaleway, Alibaba, Oracle, Azure's wire server.
const METADATA_V4: [(Ipv4Addr, u8); 6] = [
    (Ipv4Addr::new(169, 254, 169, 0), 24),
    (Ipv4Addr::new(169, 254, 170, 0), 24),
    (Ipv4Addr::new(169, 254, 42, 42), 32),
    (Ipv4Addr::new(100, 100, 100, 200), 32),
    (Ipv4Addr::new(192, 0, 0, 192), 32),
    (Ipv4Addr::new(168, 63, 129, 16), 32),
];

/// The same over IPv6: AWS `fd00:ec2::/32`, GCP `fd20:ce::254`, Scaleway `fd00:42::42`.
const METADATA_V6: [(Ipv6Addr, u8); 3] = [
    (Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254), 128),
    (Ipv6Addr::new(0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42), 128),
];

const RESERVED_V4: [(Ipv4Addr, u8); 7] = [
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// The class of `addr`. IPv6 addresses that carry an IPv4 one (mapped, compatible, NAT64,
/// 6to4) have the class of the carried address.
pub fn classify(addr: IpAddr) -> AddressClass {
    match addr {
        IpAddr::V4(v4) => classify_v4(v4),
        IpAddr::V6(v6) => embedded_v4(v6).map_or_else(|| classify_v6(v6), classify_v4),
    }
}

fn classify_v4(addr: Ipv4Addr) -> AddressClass {
    let within = |ranges: &[(Ipv4Addr, u8)]| ranges.iter().any(|&(net, bits)| in_v4(addr, net, bits));
    if within(&METADATA_V4) {
        AddressClass::Metadata
    } else if addr.is_loopback() {
        AddressClass::Loopback
    } else if addr.octets()[0] == 0 {
        AddressClass::Unspecified
    } else if addr.is_link_local() {
        AddressClass::LinkLocal
    } else if addr.is_private() {
        AddressClass::Private
    } else if in_v4(addr, Ipv4Addr::new(100, 64, 0, 0), 10) {
        AddressClass::CarrierNat
    } else if addr.is_multicast() {
        AddressClass::Multicast
    } else if within(&RESERVED_V4) {
        AddressClass::Reserved
    } else {
        AddressClass::Public
    }
}

fn classify_v6(addr: Ipv6Addr) -> AddressClass {
    let s = addr.segments();
    if METADATA_V6.iter().any(|&(net, bits)| in_v6(addr, net, bits)) {
        return AddressClass::Metadata;
    }
    match s {
        [0, 0, 0, 0, 0, 0, 0, 0] => AddressClass::Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => AddressClass::Loopback,
        // fe80::/10
        [a, ..] if a & 0xffc0 == 0xfe80 => AddressClass::LinkLocal,
        // fc00::/7 unique local, fec0::/10 site local, 64:ff9b:1::/48, Teredo 2001::/32
        [a, ..] if a & 0xfe00 == 0xfc00 || a & 0xffc0 == 0xfec0 => AddressClass::Private,
        [0x64, 0xff9b, 1, ..] | [0x2001, 0, ..] => AddressClass::Private,
        [a, ..] if a & 0xff00 == 0xff00 => AddressClass::Multicast,
        // documentation (2001:db8::/32, 3fff::/20), discard, benchmarking, ORCHID
        [0x2001, 0xdb8, ..] | [0x100, 0, 0, 0, ..] | [0x2001, 2, 0, ..] => AddressClass::Reserved,
        [0x2001, b, ..] if b & 0xfff0 == 0x10 || b & 0xfff0 == 0x20 => AddressClass::Reserved,
        [0x3fff, b, ..] if b < 0x1000 => AddressClass::Reserved,
        // Only 2000::/3 is handed out as global unicast.
        [a, ..] if a & 0xe000 == 0x2000 => AddressClass::Public,
        _ => AddressClass::Reserved,
    }
}

/// The IPv4 address that an IPv6 address stands for, if any.
pub(crate) fn embedded_v4(addr: Ipv6Addr) -> Option<Ipv4Addr> {
    let s = addr.segments();
    let low = || v4_of(s[6], s[7]);
    match s {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        // ::ffff:a.b.c.d mapped, ::a.b.c.d compatible, ::ffff:0:a.b.c.d translated, NAT64
        [0, 0, 0, 0, 0, 0xffff | 0, ..] | [0, 0, 0, 0, 0xffff, 0, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => {
            Some(low())
        }
        // 6to4
        [0x2002, high, mid, ..] => Some(v4_of(high, mid)),
        _ => None,
    }
}

fn v4_of(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))
}

fn in_v4(addr: Ipv4Addr, net: Ipv4Addr, bits: u8) -> bool {
    let shift = 32 - u32::from(bits);
    u32::from(addr) >> shift == u32::from(net) >> shift
}

fn in_v6(addr: Ipv6Addr, net: Ipv6Addr, bits: u8) -> bool {
    let shift = 128 - u32::from(bits);
    u128::from(addr) >> shift == u128::from(net) >> shift
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn class(text: &str) -> AddressClass {
        classify(text.parse().unwrap())
    }

    #[test]
    fn special_ranges_have_their_class() {
        for (text, expected) in [
            ("8.8.8.8", AddressClass::Public),
            ("127.8.9.10", AddressClass::Loopback),
            ("0.0.0.0", AddressClass::Unspecified),
            ("0.1.2.3", AddressClass::Unspecified),
            ("10.0.0.5", AddressClass::Private),
            ("172.31.255.255", AddressClass::Private),
            ("172.32.0.1", AddressClass::Public),
            ("192.168.1.1", AddressClass::Private),
            ("100.64.0.1", AddressClass::CarrierNat),
            ("100.128.0.1", AddressClass::Public),
            ("100.100.100.200", AddressClass::Metadata),
            ("169.254.0.1", AddressClass::LinkLocal),
            ("169.254.169.254", AddressClass::Metadata),
            ("169.254.170.2", AddressClass::Metadata),
            ("168.63.129.16", AddressClass::Metadata),
            ("192.0.0.1", AddressClass::Reserved),
            ("192.0.2.7", AddressClass::Reserved),
            ("198.19.255.255", AddressClass::Reserved),
            ("198.51.100.1", AddressClass::Reserved),
            ("203.0.113.1", AddressClass::Reserved),
            ("224.0.0.1", AddressClass::Multicast),
            ("240.0.0.1", AddressClass::Reserved),
            ("255.255.255.255", AddressClass::Reserved),
            ("::", AddressClass::Unspecified),
            ("::1", AddressClass::Loopback),
            ("::ffff:127.0.0.1", AddressClass::Loopback),
            ("::127.0.0.1", AddressClass::Loopback),
            ("::ffff:8.8.8.8", AddressClass::Public),
            ("64:ff9b::169.254.169.254", AddressClass::Metadata),
            ("64:ff9b:1::1", AddressClass::Private),
            ("2002:7f00:1::", AddressClass::Loopback),
            ("2001::1", AddressClass::Private),
            ("2001:db8::1", AddressClass::Reserved),
            ("fe80::1", AddressClass::LinkLocal),
            ("fec0::1", AddressClass::Private),
            ("fd12::1", AddressClass::Private),
            ("fd00:ec2::254", AddressClass::Metadata),
            ("ff02::1", AddressClass::Multicast),
            ("2606:4700::1111", AddressClass::Public),
            ("4000::1", AddressClass::Reserved),
        ] {
            assert_eq!(class(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_embedded_address_is_judged_as_the_address_itself(bits in any::<u32>()) {
            let v4 = Ipv4Addr::from(bits);
            let expected = classify(IpAddr::V4(v4));
            let [a, b, c, d] = v4.octets();
            let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
            let mapped = v4.to_ipv6_mapped();
            let nat64 = Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low);
            let six_to_four = Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1);
            for v6 in [mapped, nat64, six_to_four] {
                prop_assert_eq!(classify(IpAddr::V6(v6)), expected);
            }
        }
    }
}
