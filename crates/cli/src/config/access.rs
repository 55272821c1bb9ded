//! Keys that the operator passes in, and the rate limit.

use std::collections::BTreeMap;

use dovetail_model::Secret;
use uuid::{Uuid, Version};

use super::reader::{Reader, Setting};

/// `bootstrap_api_key`.
pub const BOOTSTRAP_API_KEY: Setting =
    Setting { key: "bootstrap_api_key", env: "DOVETAIL_BOOTSTRAP_API_KEY", aliases: &[] };
/// `rate_limit_per_min`.
pub const RATE_LIMIT: Setting = Setting {
    key: "rate_limit_per_min",
    env: "DOVETAIL_RATE_LIMIT_PER_MIN",
    aliases: &["DEFAULT_RATE_LIMIT_PER_MIN"],
};
/// Prefixes of variables that set the key of one environment; ours wins.
const SECRET_KEY_PREFIXES: [&str; 2] = ["NANGO_SECRET_KEY_", "DOVETAIL_SECRET_KEY_"];
/// The reference's switch for its rate limiter.
const RATE_LIMIT_FLAG_ALIAS: &str = "FLAG_API_RATE_LIMIT_ENABLED";

/// Keys from outside and limits of use.
#[derive(Debug)]
pub struct AccessConfig {
    /// Becomes the full-access key of `dev` on an empty database.
    pub bootstrap_api_key: Option<Secret>,
    /// Keys given by environment name, lower case.
    pub environment_keys: BTreeMap<String, Secret>,
    /// Requests a minute per account and kind of key; `0` = off.
    pub rate_limit_per_min: u32,
}

impl AccessConfig {
    /// Reads the settings of this topic.
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let bootstrap_api_key = reader.parsed(&BOOTSTRAP_API_KEY, parse_key).map(|given| given.value);
        let mut environment_keys = BTreeMap::new();
        for prefix in SECRET_KEY_PREFIXES {
            for name in reader.env().names_with(prefix) {
                let Some(value) = reader.env().get(&name) else { continue };
                match parse_key(&value) {
                    Ok(key) => {
                        environment_keys.insert(name[prefix.len()..].to_ascii_lowercase(), key);
                    }
                    Err(text) => reader.problem(&name, text),
                }
            }
        }
        let limit = reader.parsed(&RATE_LIMIT, |text| {
            text.parse::<u32>()
                .map_err(|_| format!("expected a whole number of requests a minute, found `{text}`"))
        });
        let switched_off = reader.env().get(RATE_LIMIT_FLAG_ALIAS).is_some_and(|text| text == "false");
        let rate_limit_per_min = if switched_off { 0 } else { limit.map_or(200, |given| given.value) };
        Self { bootstrap_api_key, environment_keys, rate_limit_per_min }
    }
}

fn parse_key(text: &str) -> Result<Secret, String> {
    match Uuid::parse_str(text) {
        Ok(id) if id.get_version() == Some(Version::Random) && text.len() == 36 => {
            Ok(Secret::from(text.to_ascii_lowercase()))
        }
        // The value itself is a secret and stays out of the message.
        _ => Err("expected a UUID v4 such as 3f1c9a52-7f0e-4c55-9b0a-6d2f9d7f1e11".to_owned()),
    }
}
