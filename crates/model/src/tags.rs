//! Tags: short texts by which a product finds its connections again (http-api 1.11).

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use crate::limits::{MAX_TAG_KEY, MAX_TAG_VALUE, MAX_TAGS};
use crate::names::is_email;
use crate::{EndUser, Organization};

/// The keys that [`Tags::derive`] takes from an end user and an organisation.
const DERIVED: [&str; 5] = [
    "end_user_id",
    "end_user_email",
    "end_user_display_name",
    "organization_id",
    "organization_display_name",
];

/// At most ten tags; keys are lower case, values keep their case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Tags(BTreeMap<String, String>);

/// Why tags were refused; names the offending key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TagError {
    /// The key does not match `^[a-zA-Z][a-zA-Z0-9_\-./]*$` or is longer than 64 characters.
    #[error("invalid tag key `{key}`")]
    InvalidKey {
        /// The key as given.
        key: String,
    },
    /// The value is empty.
    #[error("tag `{key}` is empty")]
    EmptyValue {
        /// The key as given.
        key: String,
    },
    /// The value is longer than 255 characters.
    #[error("tag `{key}` is longer than 255 characters")]
    LongValue {
        /// The key as given.
        key: String,
    },
    /// Two keys are equal once lower-cased.
    #[error("tag `{key}` is given twice")]
    Duplicate {
        /// The lower-cased key.
        key: String,
    },
    /// `end_user_email` holds no e-mail address.
    #[error("tag `end_user_email` must be an e-mail address")]
    InvalidEmail,
    /// More than ten tags.
    #[error("more than 10 tags")]
    TooMany,
}

impl Tags {
    /// No tags.
    pub const NONE: Self = Self(BTreeMap::new());

    /// Reads tags as given by a caller: checks every rule and lower-cases keys.
    pub fn parse<K, V>(given: impl IntoIterator<Item = (K, V)>) -> Result<Self, TagError>
    where
        K: Into<String>,
        V: Into<String>,
    {
        let mut tags = BTreeMap::new();
        let mut count = 0;
        for (key, value) in given {
            count += 1;
            if count > MAX_TAGS {
                return Err(TagError::TooMany);
            }
            let (key, value) = (key.into(), value.into());
            if !is_tag_key(&key) {
                return Err(TagError::InvalidKey { key });
            }
            check_value(&key, &value)?;
            let lower = key.to_ascii_lowercase();
            if tags.insert(lower.clone(), value).is_some() {
                return Err(TagError::Duplicate { key: lower });
            }
        }
        Ok(Self(tags))
    }

    /// The tags that follow from an end user and an organisation, then the end user's own (http-api 1.11,
    /// "Derived tags"). Never fails: what does not fit is cut or left out.
    pub fn derive(end_user: Option<&EndUser>, organization: Option<&Organization>) -> Self {
        let mut base = BTreeMap::new();
        let mut put = |key: &str, value: Option<&str>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                base.insert(key.to_owned(), truncated(value, MAX_TAG_VALUE));
            }
        };
        if let Some(user) = end_user {
            put("end_user_id", Some(&user.id));
            put("end_user_email", user.email.as_deref().filter(|email| is_email(email)));
            put("end_user_display_name", user.display_name.as_deref());
        }
        if let Some(organization) = organization.or_else(|| end_user?.organization.as_ref()) {
            put("organization_id", Some(&organization.id));
            put("organization_display_name", organization.display_name.as_deref());
        }
        let mut all = base.clone();
        for (key, value) in end_user.and_then(|user| user.tags.as_ref()).into_iter().flatten() {
            let key = truncated(&key.to_lowercase(), MAX_TAG_KEY);
            let unfit = key == "end_user_email" && !is_email(value);
            if is_tag_key(&key) && !value.is_empty() && !unfit {
                all.insert(key, truncated(value, MAX_TAG_VALUE));
            }
        }
        Self(if all.len() > MAX_TAGS { base } else { all })
    }

    /// These tags laid over by `other`, on a connection that is linked again. When `other` names another end user,
    /// what [`Tags::derive`] said of the one before goes: nobody gets somebody else's e-mail address.
    ///
    /// Refused as by [`Tags::overlaid`].
    pub fn relinked(mut self, other: &Self) -> Result<Self, TagError> {
        if other.get("end_user_id").is_some_and(|id| self.get("end_user_id") != Some(id)) {
            self.0.retain(|key, _| !DERIVED.contains(&key.as_str()));
        }
        self.overlaid(other)
    }

    /// These tags with `other` laid over them; refused when the union has more than ten.
    pub fn overlaid(mut self, other: &Self) -> Result<Self, TagError> {
        self.0.extend(other.0.iter().map(|(key, value)| (key.clone(), value.clone())));
        if self.0.len() > MAX_TAGS { Err(TagError::TooMany) } else { Ok(self) }
    }

    /// Whether each of `other` is among these, with the same value.
    pub fn contain(&self, other: &Self) -> bool {
        other.iter().all(|(key, value)| self.get(key) == Some(value))
    }

    /// These and `other` together, as many as there are; `None` when they give one key two values.
    pub(crate) fn united(&self, other: &Self) -> Option<Self> {
        let agree = other.iter().all(|(key, value)| self.get(key).is_none_or(|known| known == value));
        agree.then(|| Self(self.0.iter().chain(&other.0).map(|(k, v)| (k.clone(), v.clone())).collect()))
    }

    /// The value of a (lower-case) key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Keys and values, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Display for Tags {
    /// `team=ops, plan=pro`, by key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, (key, value)) in self.iter().enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            write!(f, "{comma}{key}={value}")?;
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = BTreeMap::<String, String>::deserialize(deserializer)?;
        Self::parse(given).map_err(serde::de::Error::custom)
    }
}

/// Whether a tag's key follows its rule, before lower-casing.
pub(crate) fn is_tag_key(key: &str) -> bool {
    key.len() <= MAX_TAG_KEY
        && key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))
}

fn check_value(key: &str, value: &str) -> Result<(), TagError> {
    if value.is_empty() {
        return Err(TagError::EmptyValue { key: key.to_owned() });
    }
    if value.encode_utf16().count() > MAX_TAG_VALUE {
        return Err(TagError::LongValue { key: key.to_owned() });
    }
    if key.eq_ignore_ascii_case("end_user_email") && !is_email(value) {
        return Err(TagError::InvalidEmail);
    }
    Ok(())
}

/// The first `limit` UTF-16 units (what clients count), never half a character.
fn truncated(text: &str, limit: usize) -> String {
    let mut left = limit;
    text.chars()
        .take_while(|c| {
            let fits = c.len_utf16() <= left;
            left = left.saturating_sub(c.len_utf16());
            fits
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn user() -> EndUser {
        EndUser {
            id: "u_81".into(),
            display_name: None,
            email: Some("pia@acme.test".into()),
            tags: None,
            organization: Some(Organization { id: "org_4".into(), display_name: Some(String::new()) }),
        }
    }

    #[test]
    fn keys_are_lower_cased_and_values_kept() {
        let tags = Tags::parse([("Team", "Ops")]).unwrap();
        assert_eq!(tags.get("team"), Some("Ops"));
    }

    #[test]
    fn each_rule_refuses_by_name() {
        let long = "x".repeat(256);
        for (given, error) in [
            (vec![("1a", "x")], TagError::InvalidKey { key: "1a".into() }),
            (vec![("a b", "x")], TagError::InvalidKey { key: "a b".into() }),
            (vec![("a", "")], TagError::EmptyValue { key: "a".into() }),
            (vec![("a", long.as_str())], TagError::LongValue { key: "a".into() }),
            (vec![("a", "x"), ("A", "y")], TagError::Duplicate { key: "a".into() }),
            (vec![("End_User_Email", "pia")], TagError::InvalidEmail),
        ] {
            assert_eq!(Tags::parse(given), Err(error));
        }
        assert_eq!(Tags::parse((0..11).map(|n| (format!("k{n}"), "x"))), Err(TagError::TooMany));
    }

    #[test]
    fn an_end_user_gives_tags_and_empty_values_are_skipped() {
        let tags = Tags::derive(Some(&user()), None);
        let all: Vec<_> = tags.iter().collect();
        assert_eq!(
            all,
            [("end_user_email", "pia@acme.test"), ("end_user_id", "u_81"), ("organization_id", "org_4")]
        );
    }

    #[test]
    fn too_many_own_tags_are_dropped_together() {
        let tags = (0..9).map(|n| (format!("K{n}"), "v".to_owned())).collect();
        let derived = Tags::derive(Some(&EndUser { tags: Some(tags), ..user() }), None);
        assert_eq!(derived.len(), 3);
    }

    #[test]
    fn an_overlay_wins_and_stays_within_ten() {
        let base = Tags::parse([("a", "1"), ("b", "1")]).unwrap();
        let over = Tags::parse([("b", "2")]).unwrap();
        assert_eq!(base.clone().overlaid(&over).unwrap().get("b"), Some("2"));
        let many = Tags::parse((0..9).map(|n| (format!("k{n}"), "x"))).unwrap();
        assert_eq!(base.overlaid(&many), Err(TagError::TooMany));
    }

    proptest! {
        #[test]
        fn what_parses_obeys_every_rule_and_parses_again(given in prop::collection::vec(("\\PC{0,70}", "\\PC{0,300}"), 0..12)) {
            if let Ok(tags) = Tags::parse(given) {
                prop_assert!(tags.len() <= MAX_TAGS);
                for (key, value) in tags.iter() {
                    prop_assert!(is_tag_key(key) && key == key.to_lowercase());
                    prop_assert!((1..=MAX_TAG_VALUE).contains(&value.encode_utf16().count()));
                }
                prop_assert_eq!(Tags::parse(tags.iter()), Ok(tags));
            }
        }

        #[test]
        fn derived_tags_are_always_valid(id in "\\PC{0,300}", name in prop::option::of("\\PC{0,300}"), email in prop::option::of("\\PC{0,30}"), own in prop::collection::btree_map("\\PC{0,70}", "\\PC{0,300}", 0..12)) {
            let organization = Some(Organization { id: id.clone(), display_name: name.clone() });
            let user = EndUser { id, display_name: name, email, tags: Some(own), organization };
            let tags = Tags::derive(Some(&user), None);
            prop_assert_eq!(Tags::parse(tags.iter()), Ok(tags));
        }
    }
}
