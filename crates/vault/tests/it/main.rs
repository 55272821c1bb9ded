//! A sealed value opens only as it was sealed and only where it was put.

use dovetail_model::{DataKeyId, EnvironmentId, Random, SeededRandom};
use dovetail_vault::{Context, DataKey, EnvironmentKeys, KeyRing, OpenError, RootKey, Sealed};
use proptest::prelude::*;

const PLACE: Context =
    Context { table: "connections", row: 7, column: "credentials", environment: EnvironmentId(3) };

fn keys(random: &dyn Random) -> EnvironmentKeys {
    EnvironmentKeys::new(EnvironmentId(3), DataKeyId(11), &DataKey::generate(random))
}

#[test]
fn a_value_opens_where_it_was_put() {
    let random = SeededRandom::new(1);
    let keys = keys(&random);
    for value in [b"".as_slice(), b"k_live_1", &[0; 5000]] {
        let sealed = keys.seal(&random, &PLACE, value);
        assert_eq!(keys.open(&PLACE, &sealed).unwrap().as_slice(), value);
    }
}

#[test]
fn sealing_twice_gives_different_bytes() {
    let random = SeededRandom::new(1);
    let keys = keys(&random);
    assert_ne!(keys.seal(&random, &PLACE, b"x"), keys.seal(&random, &PLACE, b"x"));
}

#[test]
fn every_flipped_bit_is_noticed() {
    let random = SeededRandom::new(1);
    let keys = keys(&random);
    let sealed = keys.seal(&random, &PLACE, br#"{"type":"API_KEY","apiKey":"k_live_1"}"#).into_bytes();
    for at in 0..sealed.len() {
        for bit in 0..8 {
            let mut changed = sealed.clone();
            changed[at] ^= 1 << bit;
            assert!(keys.open(&PLACE, &Sealed::from_bytes(changed)).is_err(), "byte {at}, bit {bit}");
        }
    }
}

#[test]
fn every_cut_and_every_extension_is_noticed() {
    let random = SeededRandom::new(1);
    let keys = keys(&random);
    let sealed = keys.seal(&random, &PLACE, b"k_live_1").into_bytes();
    for length in 0..sealed.len() {
        assert!(keys.open(&PLACE, &Sealed::from_bytes(sealed[..length].to_vec())).is_err(), "{length}");
    }
    let longer = [sealed.as_slice(), &[0]].concat();
    assert_eq!(keys.open(&PLACE, &Sealed::from_bytes(longer)).unwrap_err(), OpenError::Forged);
}

#[test]
fn every_other_place_is_noticed() {
    let random = SeededRandom::new(1);
    let keys = keys(&random);
    let sealed = keys.seal(&random, &PLACE, b"k_live_1");
    for place in [
        Context { table: "integrations", ..PLACE },
        Context { row: 8, ..PLACE },
        Context { column: "config_secret", ..PLACE },
        Context { environment: EnvironmentId(4), ..PLACE },
        // The same letters, divided elsewhere.
        Context { table: "connectionsc", column: "redentials", ..PLACE },
    ] {
        assert_eq!(keys.open(&place, &sealed).unwrap_err(), OpenError::Forged, "{place:?}");
    }
}

#[test]
fn another_environments_key_with_the_same_id_does_not_open() {
    let random = SeededRandom::new(1);
    let sealed = keys(&random).seal(&random, &PLACE, b"k_live_1");
    assert_eq!(keys(&random).open(&PLACE, &sealed).unwrap_err(), OpenError::Forged);
    let renamed = EnvironmentKeys::new(EnvironmentId(3), DataKeyId(12), &DataKey::generate(&random));
    assert_eq!(renamed.open(&PLACE, &sealed).unwrap_err(), OpenError::UnknownKey);
}

#[test]
fn a_retiring_key_opens_but_no_longer_seals() {
    let random = SeededRandom::new(1);
    let (old, new) = (DataKey::generate(&random), DataKey::generate(&random));
    let before = EnvironmentKeys::new(EnvironmentId(3), DataKeyId(1), &old);
    let sealed = before.seal(&random, &PLACE, b"x");
    let after = EnvironmentKeys::new(EnvironmentId(3), DataKeyId(2), &new).with_retiring(DataKeyId(1), &old);
    assert_eq!(after.open(&PLACE, &sealed).unwrap().as_slice(), b"x");
    assert!(after.is_stale(&sealed));
    assert!(!after.is_stale(&after.seal(&random, &PLACE, b"x")));
}

#[test]
fn a_wrapped_data_key_opens_with_its_root_key_and_place_only() {
    let random = SeededRandom::new(1);
    let (one, other) = (RootKey::generate(&random), RootKey::generate(&random));
    let place = Context { table: "data_keys", row: 11, column: "wrapped", environment: EnvironmentId(3) };
    let ring = KeyRing::new(&one);
    let key = DataKey::generate(&random);
    let wrapped = ring.wrap(&random, &place, &key);
    assert!(ring.unwrap(&place, &wrapped).is_ok());
    assert!(KeyRing::with_previous(&other, std::slice::from_ref(&one)).unwrap(&place, &wrapped).is_ok());
    assert_eq!(KeyRing::new(&other).unwrap(&place, &wrapped).unwrap_err(), OpenError::UnknownKey);
    let elsewhere = Context { row: 12, ..place };
    assert_eq!(ring.unwrap(&elsewhere, &wrapped).unwrap_err(), OpenError::Forged);
    for at in 0..wrapped.as_bytes().len() {
        let mut changed = wrapped.as_bytes().to_vec();
        changed[at] ^= 1;
        assert!(ring.unwrap(&place, &Sealed::from_bytes(changed)).is_err(), "byte {at}");
    }
}

proptest! {
    #[test]
    fn any_change_to_any_value_is_noticed(value in prop::collection::vec(any::<u8>(), 0..200), at in any::<prop::sample::Index>(), with in 1..=255u8) {
        let random = SeededRandom::new(9);
        let keys = keys(&random);
        let mut bytes = keys.seal(&random, &PLACE, &value).into_bytes();
        let opened = keys.open(&PLACE, &Sealed::from_bytes(bytes.clone())).unwrap();
        prop_assert_eq!(opened.as_slice(), value.as_slice());
        let at = at.index(bytes.len());
        bytes[at] ^= with;
        prop_assert!(keys.open(&PLACE, &Sealed::from_bytes(bytes)).is_err());
    }

    #[test]
    fn any_other_row_or_environment_is_noticed(row in any::<i64>(), environment in any::<i64>()) {
        prop_assume!(row != PLACE.row || environment != PLACE.environment.0);
        let random = SeededRandom::new(9);
        let keys = keys(&random);
        let sealed = keys.seal(&random, &PLACE, b"k_live_1");
        let place = Context { row, environment: EnvironmentId(environment), ..PLACE };
        prop_assert!(keys.open(&place, &sealed).is_err());
    }

    #[test]
    fn any_bytes_at_all_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let keys = keys(&SeededRandom::new(9));
        prop_assert!(keys.open(&PLACE, &Sealed::from_bytes(bytes)).is_err());
    }
}
