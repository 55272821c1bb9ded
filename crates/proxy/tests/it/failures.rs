use std::sync::Arc;
use std::time::Duration;

use dovetail_proxy::ProxyError;
use http::Method;
use tokio::sync::oneshot;

use crate::service::{Caller, answer, keyed, serve};

#[tokio::test]
async fn an_unreachable_service_is_told_apart_from_its_own_errors() {
    let addr = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let error = Caller::get(&keyed(addr), "/").call().await.unwrap_err();
    assert_eq!(error.wire().0, 502);
    let body = error.body(&Method::GET);
    assert_eq!(body["code"], "ECONNREFUSED");
    assert_eq!(body["error"]["code"], "provider_unreachable");
}

#[tokio::test]
async fn a_service_over_loopback_needs_the_operators_leave() {
    let provider = keyed("10.9.8.7:80".parse().unwrap());
    let error = Caller::get(&provider, "/").call().await.unwrap_err();
    assert!(matches!(error, ProxyError::UrlNotAllowed { reason: "denied_ip" }), "{error:?}");
}

#[tokio::test]
async fn the_callers_bound_covers_the_whole_call() {
    let addr = serve(|_| std::future::pending()).await;
    let error = Caller::get(&keyed(addr), "/").with("dovetail-timeout-ms", "60").call().await.unwrap_err();
    assert_eq!((error.wire().0.as_u16(), error.wire().1), (504, "provider_timeout"));
}

#[tokio::test]
async fn a_caller_that_leaves_ends_the_call_upstream() {
    struct Gone(Option<oneshot::Sender<()>>);
    impl Drop for Gone {
        fn drop(&mut self) {
            if let Some(tx) = self.0.take() {
                tx.send(()).unwrap_or_default();
            }
        }
    }
    let (arrived_tx, arrived) = oneshot::channel();
    let (gone_tx, gone) = oneshot::channel();
    let slots = Arc::new(std::sync::Mutex::new(Some((arrived_tx, Gone(Some(gone_tx))))));
    let addr = serve(move |_| {
        let slots = slots.lock().unwrap().take();
        async move {
            let Some((arrived, gone)) = slots else { return answer(500, "twice") };
            arrived.send(()).unwrap();
            std::future::pending::<()>().await;
            drop(gone);
            answer(200, "")
        }
    })
    .await;
    let call = tokio::spawn(Caller::get(&keyed(addr), "/").call());
    arrived.await.unwrap();
    call.abort();
    tokio::time::timeout(Duration::from_secs(5), gone).await.unwrap().unwrap();
}
