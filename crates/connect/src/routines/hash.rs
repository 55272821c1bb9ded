//! How webhooks of Google find the connection of an address without our keeping the address.

use dovetail_catalog::template::sha256_hex;

/// Written before the address, so that the hash is of no use elsewhere. It is the reference's: connections that were
/// imported from there carry hashes made with it.
const CONTEXT: &str = "nango.emailAddressHash.v1:";

/// `emailAddressHash` of a connection's configuration: hexadecimal SHA-256 of a context and the address, trimmed, in
/// lower case (auth-modes.md section 23).
pub fn email_address_hash(address: &str) -> String {
    sha256_hex(format!("{CONTEXT}{}", address.trim().to_lowercase()).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_does_not_matter_and_the_hash_is_the_known_one() {
        // printf 'nango.emailAddressHash.v1:pia@acme.test' | sha256sum
        let known = "fbfbc224330e0117e080ca6525434fb3fd8779bfba5d5bebacacc2c2d65f21e5";
        assert_eq!(email_address_hash(" Pia@Acme.test\n"), known);
        assert_ne!(email_address_hash("pio@acme.test"), known);
    }
}
