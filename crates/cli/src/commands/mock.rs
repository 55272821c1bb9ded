//! `dovetail mock`: the simulator on its own.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::Context as _;
use dovetail_mock::{DemoCredential, MockConfig, Simulator};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{open, say};
use crate::args::MockArgs;
use crate::config::log::LogConfig;
use crate::{logging, shutdown};

/// Serves, or prints the credentials that are accepted.
pub fn run(args: &MockArgs) -> anyhow::Result<ExitCode> {
    let catalog = open::catalog(args.catalog_dir.as_deref());
    let (clock, random) = open::clock_and_random();
    let simulator = Simulator::new(catalog, MockConfig { clock, random });
    if args.credentials {
        return print_credentials(&simulator, args);
    }
    logging::install(&LogConfig { filter: "info".to_owned(), json: false });
    open::runtime()?.block_on(async {
        let listener = TcpListener::bind(args.listen)
            .await
            .with_context(|| format!("cannot listen on {}", args.listen))?;
        let address = listener.local_addr()?;
        say::line(format!("  Simulated providers at http://{address}"));
        say::line(format!("  Use them: dovetail serve --simulate=http://{address}"));
        say::line("  Keys that work: dovetail mock --credentials");
        let stop = CancellationToken::new();
        let signal = stop.clone();
        tokio::spawn(async move {
            shutdown::signal().await;
            signal.cancel();
        });
        simulator.serve(listener, stop).await?;
        Ok(ExitCode::SUCCESS)
    })
}

fn print_credentials(simulator: &Simulator, args: &MockArgs) -> anyhow::Result<ExitCode> {
    let wanted = |credential: &DemoCredential| {
        args.provider.as_ref().is_none_or(|provider| *provider == credential.provider)
    };
    let credentials: Vec<_> = simulator.credentials().into_iter().filter(wanted).collect();
    if let (true, Some(provider)) = (credentials.is_empty(), &args.provider) {
        anyhow::bail!("the catalogue has no provider `{provider}` that takes credentials");
    }
    if args.json {
        let mut by_provider: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
        for credential in &credentials {
            by_provider.entry(&credential.provider).or_default().insert(&credential.field, &credential.value);
        }
        say::line(serde_json::to_string_pretty(&by_provider)?);
    } else {
        let width = |head: &str, text: fn(&DemoCredential) -> &str| {
            credentials.iter().map(|c| text(c).len()).chain([head.len()]).max().unwrap_or(0)
        };
        let (provider, field) = (width("PROVIDER", |c| &c.provider), width("FIELD", |c| &c.field));
        say::line(format!("{:<provider$}  {:<field$}  VALUE", "PROVIDER", "FIELD"));
        for credential in &credentials {
            let hint = if credential.shown { "" } else { "  (filled in for you)" };
            say::line(format!(
                "{:<provider$}  {:<field$}  {}{hint}",
                credential.provider, credential.field, credential.value
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}
