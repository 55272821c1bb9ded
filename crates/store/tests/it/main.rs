//! The store's tests; every one runs on SQLite and on PostgreSQL.
#![expect(clippy::unwrap_used, reason = "in a test a failure is the message")]

mod accounts;
mod api_keys;
mod auth_flows;
mod caching;
mod connections;
mod environments;
mod helpers;
mod housekeeping;
mod integrations;
mod opening;
mod operations;
mod outbox;
mod pairings;
mod sealing;
mod sessions;
mod transactions;

/// Declares tests that run on both databases: `sqlite` and `postgres` in a module of the test's name.
#[macro_export]
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($fixture:ident: &Fixture) $body:block)+) => {$(
        mod $name {
            use super::*;

            async fn check($fixture: &dovetail_testkit::Fixture) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                check(&dovetail_testkit::Fixture::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(fixture) = dovetail_testkit::Fixture::postgres().await {
                    check(&fixture).await;
                }
            }
        }
    )+};
}
