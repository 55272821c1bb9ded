//! `dovetail serve`: wires the rooms together and runs until told to stop.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use dovetail_egress::{Client, EgressConfig};
use dovetail_mock::{MockConfig, Simulator};
use dovetail_model::{Clock, Random};
use dovetail_server::{AppState, Foundations, ServerConfig, serve, service, workers};
use dovetail_store::bootstrap;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use super::open;
use crate::args::ServeArgs;
use crate::banner::Banner;
use crate::config::Config;
use crate::config::http::derived_public_url;
use crate::config::outbound::Simulate;
use crate::{logging, shutdown};

/// Runs the server. Nothing listens before settings, key, database and catalogue are known to be good.
pub fn run(args: &ServeArgs) -> anyhow::Result<ExitCode> {
    let config = open::config(args)?;
    logging::install(&config.log);
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    open::runtime()?.block_on(start(config, args.print_key))
}

async fn start(config: Config, print_key: bool) -> anyhow::Result<ExitCode> {
    let (clock, random) = open::clock_and_random();
    let (store, key_origin) = open::store(&config.storage, clock.clone(), random.clone()).await?;
    let first = bootstrap::run(&store, config.access.bootstrap_api_key.clone()).await?;
    let catalog = open::catalog(config.catalog.overlay.as_deref());

    let listener = TcpListener::bind(config.http.listen)
        .await
        .with_context(|| format!("cannot listen on {} (is another server running?)", config.http.listen))?;
    let listen = listener.local_addr()?;

    let stop = CancellationToken::new();
    let background = TaskTracker::new();
    let simulator = simulator(&config, &catalog, &clock, &random, &stop, &background).await?;
    let egress = Client::new(EgressConfig {
        allow: config.outbound.allow.clone(),
        simulate: simulator.clone(),
        ..EgressConfig::default()
    })
    .context("the outbound client did not start")?;

    let app = AppState::new(Foundations {
        config: server_config(&config, listen, simulator),
        store: store.clone(),
        catalog,
        egress,
        clock,
        random,
    });
    Banner::new(&app, listen, key_origin, first, print_key).await?.show();

    background.spawn(workers::run(app.clone(), stop.clone()));
    background.close();
    let signal = stop.clone();
    let draining = app.clone();
    tokio::spawn(async move {
        shutdown::signal().await;
        tracing::info!("stopping: requests under way are finished");
        draining.begin_draining();
        signal.cancel();
    });
    serve(listener, service(app), stop.clone()).await?;
    background.wait().await;
    store.close().await;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Where simulated requests go; starts the simulator of this process when it is meant.
async fn simulator(
    config: &Config,
    catalog: &dovetail_catalog::CatalogHandle,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
    stop: &CancellationToken,
    background: &TaskTracker,
) -> anyhow::Result<Option<Url>> {
    match &config.outbound.simulate {
        None => Ok(None),
        Some(Simulate::At(url)) => Ok(Some(url.clone())),
        Some(Simulate::InProcess) => {
            let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
                .await
                .context("the simulator cannot listen")?;
            let url = Url::parse(&format!("http://{}", listener.local_addr()?))?;
            let simulator =
                Simulator::new(catalog.clone(), MockConfig { clock: clock.clone(), random: random.clone() });
            background.spawn(simulator.serve(listener, stop.clone()));
            Ok(Some(url))
        }
    }
}

fn server_config(config: &Config, listen: SocketAddr, simulator: Option<Url>) -> ServerConfig {
    // A port chosen by the system is known only now.
    let public_url = if config.http.public_url_given {
        config.http.public_url.clone()
    } else {
        derived_public_url(listen.port())
    };
    ServerConfig {
        rate_limit_per_min: config.access.rate_limit_per_min,
        simulator,
        websockets_path: config.http.websockets_path.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        environment_keys: config.access.environment_keys.clone(),
        embedding_origins: config
            .http
            .trusted_origins
            .iter()
            .map(|origin| origin.origin().ascii_serialization())
            .collect(),
        proxy_policy: config.outbound.proxy_policy.clone(),
        ..ServerConfig::new(public_url)
    }
}
