//! Servers of the tests: a scripted hyper server, and a raw socket.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use dovetail_egress::{Body, Client, EgressConfig, Resolve, ResolveFuture, collect};
use http::{Request, Response};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;

pub(crate) type Answer = Response<BoxBody<Bytes, hyper::Error>>;

/// Serves every request with `handler` until the test ends.
pub(crate) async fn serve<H, F>(handler: H) -> SocketAddr
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Answer> + Send + 'static,
{
    let (listener, addr) = listen().await;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let handler = handler.clone();
            let service = service_fn(move |request| {
                let answer = handler(request);
                async move { Ok::<_, Infallible>(answer.await) }
            });
            tokio::spawn(async move {
                drop(
                    auto::Builder::new(TokioExecutor::new())
                        .serve_connection(TokioIo::new(stream), service)
                        .await,
                );
            });
        }
    });
    addr
}

pub(crate) async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    (listener, addr)
}

pub(crate) fn text(status: u16, body: impl Into<Bytes>) -> Answer {
    let body = Full::new(body.into()).map_err(|never| match never {}).boxed();
    Response::builder().status(status).body(body).unwrap()
}

/// The head of a request as text: what arrived.
pub(crate) fn head(request: &Request<Incoming>) -> String {
    let mut lines = vec![format!("{} {}", request.method(), request.uri())];
    lines
        .extend(request.headers().iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())));
    lines.join("\n")
}

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
