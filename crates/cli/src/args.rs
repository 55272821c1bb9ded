//! The command line.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use dovetail_model::{CallMethod, PathPattern, Scope};

/// Lets products and agents use their users' accounts at other services.
#[derive(Debug, Parser)]
#[command(name = "dovetail", version, about, max_term_width = 100)]
pub struct Cli {
    /// What to do; `serve` when left out.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Flags of `serve`, so that `dovetail --simulate` works too.
    #[command(flatten)]
    pub serve: ServeArgs,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server: API, Connect page, dashboard, guides and proxy.
    Serve(ServeArgs),
    /// Bring the database to this version's schema, then stop.
    Migrate(ServeArgs),
    /// Run the simulator of providers on its own.
    Mock(MockArgs),
    /// Encryption keys and API keys.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Ask a running server whether it is ready; exit status 0 means yes.
    Healthcheck(HealthcheckArgs),
    /// Check configuration, database, keys, catalogue, egress and public URL; say how to mend each finding.
    Doctor(ServeArgs),
    /// Provider definitions: check them, add one.
    #[command(subcommand)]
    Catalog(CatalogCommand),
    /// Print every setting with its meaning and default.
    Config,
    /// Print a completion script for a shell.
    Completions {
        /// Shell to complete for.
        shell: clap_complete::Shell,
    },
}

/// Commands about keys.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Show which root key and data keys protect the data. Shows ids, never keys.
    Status(ServeArgs),
    /// Create an API key of an environment, or of the account, and print it once. Without flags it may do everything.
    Create {
        /// Name of the environment.
        #[arg(long, default_value = "dev")]
        environment: String,
        /// Create a key that makes and deletes environments and their keys, instead of one for an environment.
        #[arg(long, conflicts_with = "environment")]
        account: bool,
        /// Name of the key, unique in its environment.
        #[arg(long)]
        name: String,
        /// What it may do, and how far.
        #[command(flatten)]
        rights: Box<KeyRights>,
        /// Settings of the server whose database is meant.
        #[command(flatten)]
        serve: ServeArgs,
    },
}

/// What a new key may do, and how far (docs/keys.md).
#[derive(Debug, Default, Args)]
pub struct KeyRights {
    /// Scope, for instance environment:proxy; may be repeated.
    #[arg(long, value_name = "SCOPE")]
    pub scope: Vec<Scope>,
    /// Reach only this integration; may be repeated.
    #[arg(long, value_name = "KEY")]
    pub integration: Vec<String>,
    /// Reach only connections with this tag; may be repeated, all must match.
    #[arg(long, value_name = "NAME=VALUE")]
    pub tag: Vec<String>,
    /// Make only proxied calls with this method; may be repeated.
    #[arg(long, value_name = "METHOD")]
    pub method: Vec<CallMethod>,
    /// Make only proxied calls to paths like this; `*` is one segment, `**` the rest; may be repeated.
    #[arg(long, value_name = "PATTERN")]
    pub path: Vec<PathPattern>,
    /// Stop working after so many days, or at an instant such as 2027-01-31T00:00:00Z.
    #[arg(long, value_name = "DAYS|TIME")]
    pub expires: Option<String>,
    /// Requests a minute.
    #[arg(long, value_name = "NUMBER")]
    pub rate: Option<NonZeroU32>,
    /// Use credentials, but be shown none.
    #[arg(long)]
    pub use_only: bool,
}

/// Commands about provider definitions.
#[derive(Debug, Subcommand)]
pub enum CatalogCommand {
    /// Check definitions, guides and scopes: file, line, key, what is wrong and how to mend it. Exit status 1 when
    /// there is anything to mend.
    Lint(CatalogLintArgs),
    /// Write the first version of a definition and its guide by asking; flags answer for scripts.
    New(Box<CatalogNewArgs>),
}

/// Flags of `dovetail catalog lint`.
#[derive(Debug, Args)]
pub struct CatalogLintArgs {
    /// Folder of `<id>/provider.yaml`, or a `providers.yaml` [default: ./catalog of this repository].
    pub folder: Option<PathBuf>,
    /// Print the findings as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Flags of `dovetail catalog new`. What no flag says is asked on standard input.
#[derive(Debug, Args)]
pub struct CatalogNewArgs {
    /// Id of the provider: lower-case letters, digits and hyphens.
    pub id: String,
    /// Folder the entry goes into [default: ./catalog of this repository].
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// Name people know.
    #[arg(long)]
    pub name: Option<String>,
    /// API_KEY, BASIC, OAUTH2, OAUTH2_CC or NONE.
    #[arg(long, value_name = "MODE")]
    pub auth_mode: Option<String>,
    /// Shelf it stands on.
    #[arg(long)]
    pub category: Option<String>,
    /// Base URL of the API.
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// Header with the key, as `name: value`.
    #[arg(long)]
    pub header: Option<String>,
    /// Where end users are sent (OAUTH2).
    #[arg(long, value_name = "URL")]
    pub authorization_url: Option<String>,
    /// Where tokens come from (OAUTH2, OAUTH2_CC).
    #[arg(long, value_name = "URL")]
    pub token_url: Option<String>,
    /// Path that every valid key may GET; empty for none.
    #[arg(long, value_name = "PATH")]
    pub verify: Option<String>,
    /// Page of the provider about its keys; empty for none.
    #[arg(long, value_name = "URL")]
    pub docs: Option<String>,
    /// Pattern of a value that differs by customer; may be repeated.
    #[arg(long, value_name = "NAME=REGEX")]
    pub pattern: Vec<String>,
}

/// Settings that can be given as flags. Everything else comes from the environment or a file.
#[derive(Debug, Clone, Default, Args)]
pub struct ServeArgs {
    /// Address and port to listen on [default: 127.0.0.1:3003].
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<String>,
    /// Folder of key file and embedded database [default: ./dovetail-data].
    #[arg(long, value_name = "FOLDER")]
    pub data_dir: Option<String>,
    /// URL under which browsers reach this server [default: http://localhost:<port>].
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Overlay of provider definitions.
    #[arg(long, value_name = "FOLDER")]
    pub catalog_dir: Option<String>,
    /// Send every outbound request to a simulator: the built-in one, or the one at URL.
    #[arg(long, value_name = "URL", num_args = 0..=1, require_equals = true, default_missing_value = "in-process")]
    pub simulate: Option<String>,
    /// Log one JSON object a line.
    #[arg(long)]
    pub json_logs: bool,
    /// On an empty database, print the API key of environment `dev` once.
    #[arg(long)]
    pub print_key: bool,
    /// Configuration file (TOML).
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

impl ServeArgs {
    /// The flags that were given, by setting key.
    pub fn settings(&self) -> BTreeMap<&'static str, String> {
        let mut settings = BTreeMap::new();
        let texts = [
            ("listen", &self.listen),
            ("data_dir", &self.data_dir),
            ("public_url", &self.public_url),
            ("catalog_dir", &self.catalog_dir),
            ("simulate", &self.simulate),
        ];
        for (key, value) in texts {
            if let Some(value) = value {
                settings.insert(key, value.clone());
            }
        }
        if self.json_logs {
            settings.insert("json_logs", "true".to_owned());
        }
        settings
    }
}

/// Flags of `dovetail mock`.
#[derive(Debug, Args)]
pub struct MockArgs {
    /// Address and port to listen on.
    #[arg(long, default_value = "127.0.0.1:3999", value_name = "ADDR:PORT")]
    pub listen: SocketAddr,
    /// Print the credentials that the simulator accepts, then stop.
    #[arg(long)]
    pub credentials: bool,
    /// Print them as JSON: provider, field, value.
    #[arg(long, requires = "credentials")]
    pub json: bool,
    /// Only the credentials of this provider.
    #[arg(long, requires = "credentials", value_name = "ID")]
    pub provider: Option<String>,
    /// Overlay of provider definitions.
    #[arg(long, value_name = "FOLDER")]
    pub catalog_dir: Option<PathBuf>,
}

/// Flags of `dovetail healthcheck`.
#[derive(Debug, Args)]
pub struct HealthcheckArgs {
    /// Base URL of the server [default: the configured listen address on loopback].
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// Settings from which the address is derived.
    #[command(flatten)]
    pub serve: ServeArgs,
}
