//! When to stop.

use tokio::signal::unix::{SignalKind, signal as listen};

/// Resolves on SIGTERM (orchestrators) or SIGINT (a person).
pub async fn signal() {
    let (Ok(mut term), Ok(mut int)) = (listen(SignalKind::terminate()), listen(SignalKind::interrupt()))
    else {
        // Without signal handlers the process ends the hard way, which the data survives.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
}
