//! Settings: one file a topic, all problems at once, before any socket opens.

pub mod access;
pub mod catalog;
pub mod http;
pub mod log;
pub mod outbound;
pub mod reader;
pub mod storage;
pub mod strings;

use std::collections::BTreeMap;
use std::path::Path;

use reader::{Problem, Reader, Setting};
use strings::Strings;

/// Everything `dovetail serve` needs to know.
#[derive(Debug)]
pub struct Config {
    /// Address, public URL, origins.
    pub http: http::HttpConfig,
    /// Data folder, database, root key.
    pub storage: storage::StorageConfig,
    /// Keys from outside, rate limit.
    pub access: access::AccessConfig,
    /// Overlay of definitions.
    pub catalog: catalog::CatalogConfig,
    /// Address policy, simulation.
    pub outbound: outbound::OutboundConfig,
    /// Log filter and form.
    pub log: log::LogConfig,
    /// Legal but risky combinations, as sentences.
    pub warnings: Vec<String>,
}

/// Every setting there is.
pub const SETTINGS: [&Setting; 18] = [
    &http::LISTEN,
    &http::PUBLIC_URL,
    &http::TRUSTED_ORIGINS,
    &http::WEBSOCKETS_PATH,
    &storage::DATA_DIR,
    &storage::DATABASE_URL,
    &storage::ENCRYPTION_KEY,
    &access::BOOTSTRAP_API_KEY,
    &access::RATE_LIMIT,
    &catalog::CATALOG_DIR,
    &outbound::EGRESS_ALLOW,
    &outbound::BASE_URL_OVERRIDE,
    &outbound::BASE_URL_ALLOWED_HOSTS,
    &outbound::BASE_URL_DENIED_HOSTS,
    &outbound::RETRYABLE_NETWORK_ERRORS,
    &outbound::SIMULATE,
    &log::LOG,
    &log::JSON_LOGS,
];

/// The settings could not be read; all problems together.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.to_sentence())]
pub struct ConfigErrors(pub Vec<Problem>);

impl ConfigErrors {
    fn to_sentence(&self) -> String {
        let mut text = match self.0.len() {
            1 => "1 setting is wrong:".to_owned(),
            n => format!("{n} settings are wrong:"),
        };
        for problem in &self.0 {
            text.push_str("\n  - ");
            text.push_str(&problem.to_string());
        }
        text
    }
}

impl Config {
    /// Reads all settings from `flags` (by setting key), `env` and the file that one of them names.
    ///
    /// # Errors
    /// Every problem found, not the first.
    pub fn load(
        flags: BTreeMap<&'static str, String>,
        file: Option<&Path>,
        env: &dyn Strings,
    ) -> Result<Self, ConfigErrors> {
        let path = file.map(Path::to_path_buf).or_else(|| env.get("DOVETAIL_CONFIG").map(Into::into));
        let mut unreadable = None;
        let text = path.as_deref().and_then(|path| match std::fs::read_to_string(path) {
            Ok(text) => Some((path.display().to_string(), text)),
            Err(error) => {
                unreadable = Some(Problem { source: path.display().to_string(), text: error.to_string() });
                None
            }
        });
        let mut reader =
            Reader::new(flags, env, text.as_ref().map(|(name, text)| (name.as_str(), text.as_str())));
        let mut config = Self {
            http: http::HttpConfig::read(&mut reader),
            storage: storage::StorageConfig::read(&mut reader),
            access: access::AccessConfig::read(&mut reader),
            catalog: catalog::CatalogConfig::read(&mut reader),
            outbound: outbound::OutboundConfig::read(&mut reader),
            log: log::LogConfig::read(&mut reader),
            warnings: Vec::new(),
        };
        let (mut problems, warnings) = reader.finish(&SETTINGS);
        problems.extend(unreadable);
        if !problems.is_empty() {
            return Err(ConfigErrors(problems));
        }
        config.warnings = warnings;
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn defaults_are_the_fixed_names() {
        let config = Config::load(BTreeMap::new(), None, &env(&[])).unwrap();
        assert_eq!(config.http.listen.to_string(), "127.0.0.1:3003");
        assert_eq!(config.http.public_url.as_str(), "http://localhost:3003/");
        assert_eq!(config.storage.data_dir.to_str(), Some("./dovetail-data"));
        assert_eq!(config.access.rate_limit_per_min, 200);
        assert!(config.outbound.allow.is_empty() && config.outbound.simulate.is_none());
    }

    #[test]
    fn every_documented_setting_is_known_and_every_known_setting_is_documented() {
        let documented: Vec<&str> = reader::DEFAULTS
            .lines()
            .filter_map(|line| line.strip_prefix("# ").unwrap_or(line).split_once(" = "))
            .map(|(key, _)| key)
            .filter(|key| !key.contains(' '))
            .collect();
        for setting in SETTINGS {
            assert!(documented.contains(&setting.key), "{} is not in config.default.toml", setting.key);
            assert!(reader::DEFAULTS.contains(setting.env), "{} is not in config.default.toml", setting.env);
        }
        for key in documented {
            assert!(SETTINGS.iter().any(|setting| setting.key == key), "{key} is documented but unknown");
        }
    }

    #[test]
    fn all_problems_are_reported_at_once_and_none_shows_a_secret() {
        let errors = Config::load(
            BTreeMap::from([("listen", "nowhere".to_owned())]),
            None,
            &env(&[
                ("DOVETAIL_PUBLIC_URL", "ftp://x"),
                ("DOVETAIL_ENCRYPTION_KEY", "c2hvcnQ="),
                ("DOVETAIL_BOOTSTRAP_API_KEY", "hunter2"),
                ("DOVETAIL_EGRESS_ALLOW", "127.0.0.0/8,lan"),
                ("NANGO_SECRET_KEY_DEV", "hunter3"),
            ]),
        )
        .unwrap_err();
        let text = errors.to_string();
        assert_eq!(errors.0.len(), 6, "{text}");
        assert!(!text.contains("hunter") && !text.contains("c2hvcnQ="), "{text}");
    }

    #[test]
    fn ours_wins_over_the_alias_and_a_flag_over_both() {
        let vars = env(&[
            ("NANGO_SERVER_URL", "https://alias.example"),
            ("DOVETAIL_PUBLIC_URL", "https://ours.example"),
        ]);
        let config = Config::load(BTreeMap::new(), None, &vars).unwrap();
        assert_eq!(config.http.public_url.as_str(), "https://ours.example/");
        let flags = BTreeMap::from([("public_url", "https://flag.example".to_owned())]);
        let config = Config::load(flags, None, &vars).unwrap();
        assert_eq!(config.http.public_url.as_str(), "https://flag.example/");
    }

    #[test]
    fn the_port_alias_moves_only_the_port() {
        let config = Config::load(BTreeMap::new(), None, &env(&[("SERVER_PORT", "4000")])).unwrap();
        assert_eq!(config.http.listen.to_string(), "127.0.0.1:4000");
        assert_eq!(config.http.public_url.as_str(), "http://localhost:4000/");
    }

    #[test]
    fn an_unknown_key_in_the_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dovetail.toml");
        std::fs::write(&path, "listne = \"127.0.0.1:1\"\nlisten = \"127.0.0.1:9\"\n").unwrap();
        let errors = Config::load(BTreeMap::new(), Some(&path), &env(&[])).unwrap_err();
        assert_eq!(errors.0.len(), 1);
        assert!(errors.to_string().contains("listne"));
    }
}
