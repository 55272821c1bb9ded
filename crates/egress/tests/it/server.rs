//! What the tests call with, and whom: clients, names, a clock that stands.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use dovetail_egress::{Body, Client, EgressConfig, Resolve, ResolveFuture, collect};
use http::{Request, Response};
use tokio::task::AbortHandle;

pub(crate) use dovetail_testkit::http::{Answer, answer as text, head, listen, serve};

/// A client that may dial loopback.
pub(crate) fn client() -> Client {
    Client::new(local()).unwrap()
}

pub(crate) fn local() -> EgressConfig {
    EgressConfig { allow: vec!["127.0.0.0/8".parse().unwrap()], ..EgressConfig::default() }
}

pub(crate) fn get(url: &str) -> Request<Body> {
    Request::get(url).body(Body::empty()).unwrap()
}

pub(crate) async fn body_text(response: Response<dovetail_egress::ResponseBody>) -> String {
    let bytes = collect(response.into_body(), 1 << 20).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A resolver with fixed answers.
pub(crate) struct Names(pub(crate) HashMap<&'static str, Vec<IpAddr>>);

impl Names {
    pub(crate) fn of(names: &[(&'static str, &str)]) -> Arc<Self> {
        let parse = |text: &str| text.split(' ').map(|addr| addr.parse().unwrap()).collect();
        Arc::new(Self(names.iter().map(|&(name, addrs)| (name, parse(addrs))).collect()))
    }
}

impl Resolve for Names {
    fn resolve(&self, host: &str) -> ResolveFuture {
        let answer = self.0.get(host).cloned().ok_or_else(|| io::Error::other("Name or service not known"));
        Box::pin(std::future::ready(answer))
    }
}

/// The clock stands until the test pushes it. The runtime always has something to do, because with nothing to do but
/// wait for a socket a paused clock would leap to the next time limit.
pub(crate) struct StandingClock(AbortHandle);

impl StandingClock {
    pub(crate) fn stop() -> Self {
        tokio::time::pause();
        let busy = tokio::spawn(async {
            loop {
                tokio::task::yield_now().await;
            }
        });
        Self(busy.abort_handle())
    }
}

impl Drop for StandingClock {
    fn drop(&mut self) {
        self.0.abort();
    }
}
