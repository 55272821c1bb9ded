//! Who is told of a refresh. This room knows what happened; whoever assembles the server says how it is told.

use std::time::Duration;

use dovetail_catalog::Provider;
use dovetail_model::{ConnectionInfo, Environment, RefreshProblem, Timestamp};
use dovetail_store::operations::Operation;
use dovetail_store::{StoreError, Tx};
use futures_util::future::{BoxFuture, FutureExt as _};

/// A turn in the life of a connection that its product wants to hear of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Refreshing began to fail.
    Failing {
        /// What went wrong.
        problem: RefreshProblem,
        /// A sentence without secrets.
        sentence: String,
    },
    /// Refreshing was given up.
    GivenUp {
        /// What went wrong.
        problem: RefreshProblem,
        /// A sentence without secrets.
        sentence: String,
    },
    /// It works again.
    Recovered,
}

/// What is to be told within the transaction that makes it so.
#[derive(Clone, Copy, Debug)]
pub struct News<'a> {
    /// Where.
    pub environment: &'a Environment,
    /// The definition, while the catalogue has it.
    pub provider: Option<&'a Provider>,
    /// The connection as it was.
    pub info: &'a ConnectionInfo,
    /// The operation that tells more.
    pub operation: &'a Operation,
    /// What happened.
    pub turn: &'a Turn,
}

/// A refresh that asked a provider, and has ended.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The operation; it is stored already when the refresh failed or made a turn.
    pub operation: &'a Operation,
    /// Whether it still has to be stored.
    pub unwritten: bool,
    /// The connection as it was.
    pub info: &'a ConnectionInfo,
    /// `renewed`, or what went wrong.
    pub outcome: &'static str,
    /// From the request to the answer.
    pub took: Duration,
    /// When the new credentials end.
    pub expires_at: Option<Timestamp>,
}

/// Who is told.
pub trait Tell: Send + Sync {
    /// Queues the news within the transaction.
    fn turned<'a>(&'a self, tx: &'a mut Tx, news: News<'a>) -> BoxFuture<'a, Result<(), StoreError>>;
    /// Hears of every refresh that asked a provider.
    fn ended(&self, report: Report<'_>);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Tell for Silent {
    fn turned<'a>(&'a self, _: &'a mut Tx, _: News<'a>) -> BoxFuture<'a, Result<(), StoreError>> {
        async { Ok(()) }.boxed()
    }

    fn ended(&self, _: Report<'_>) {}
}
