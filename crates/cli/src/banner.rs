//! What `serve` prints once it can be used: where to go, and nothing secret but the set-up token.

use std::net::SocketAddr;

use dovetail_model::Secret;
use dovetail_server::AppState;
use dovetail_store::bootstrap::Bootstrapped;
use dovetail_store::{meta, users};

use crate::commands::open::KeyOrigin;
use crate::commands::say;

/// The lines to print.
pub struct Banner {
    lines: Vec<String>,
}

impl Banner {
    /// Gathers what a person needs now. Makes a set-up token while there is no owner; the one before stops working.
    pub async fn new(
        app: &AppState,
        listen: SocketAddr,
        key: KeyOrigin,
        first: Option<Bootstrapped>,
        print_key: bool,
    ) -> anyhow::Result<Self> {
        let base = app.config.base();
        let mut lines = vec![
            String::new(),
            format!("  Dovetail {} listens on {listen} ({})", app.config.version, app.store.database()),
        ];
        if let Some(simulator) = &app.config.simulator {
            let simulator = simulator.as_str().trim_end_matches('/');
            lines.push("  SIMULATION IS ON: no request reaches a real service.".to_owned());
            lines.push("  Keys that work: dovetail mock --credentials".to_owned());
            lines.push(format!("  Simulator: {simulator}"));
            lines.push("             (a webhook to https://mine.webhook.test/hook is kept at".to_owned());
            lines.push(format!("             {simulator}/__sink/mine)"));
        }
        lines.push(String::new());
        match Self::setup_token(app).await? {
            Some(token) => {
                lines.push(format!("  Set up:    {base}/dashboard/setup?token={}", token.expose()));
                lines.push(
                    "             (works once; choose the owner's e-mail address and password)".to_owned(),
                );
            }
            None => lines.push(format!("  Dashboard: {base}/dashboard")),
        }
        lines.push(format!("  Connect:   {base}/connect/"));
        lines.push(format!("  Guides:    {base}/guides"));
        lines.push(format!(
            "  Try:       curl {base}/integrations -H \"Authorization: Bearer $DOVETAIL_API_KEY\""
        ));
        if print_key {
            let dev = first.as_ref().and_then(|first| {
                first.environments.iter().find(|(_, name, _)| name == "dev").map(|(_, _, key)| key)
            });
            lines.push(match dev {
                Some(key) => format!("  API key:   {}   (environment dev, shown this once)", key.expose()),
                None => "  API key:   keys are shown once; make one with: dovetail keys create --name NAME"
                    .to_owned(),
            });
        } else {
            lines.push(
                "             (make a key in the dashboard, or with: dovetail keys create --name NAME)"
                    .to_owned(),
            );
        }
        if key == KeyOrigin::NewFile {
            lines.push(String::new());
            lines.push(
                "  A new encryption key was written to the data folder. Back it up apart from the".to_owned(),
            );
            lines.push("  database: without it the stored credentials cannot be read.".to_owned());
        }
        lines.push(String::new());
        Ok(Self { lines })
    }

    async fn setup_token(app: &AppState) -> anyhow::Result<Option<Secret>> {
        let mut tx = app.store.begin().await?;
        if users::exist(&mut tx).await? {
            return Ok(None);
        }
        let token = meta::new_setup_token(&mut tx).await?;
        tx.commit().await?;
        Ok(Some(token))
    }

    /// Prints the lines.
    pub fn show(&self) {
        for line in &self.lines {
            say::line(line);
        }
    }
}
