use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dovetail_catalog::outgoing::CredentialView;
use dovetail_model::Credentials;
use dovetail_proxy::{Renew, RenewFuture};

use crate::service::{Caller, answer, echo, keyed, serve, text};

#[tokio::test]
async fn basic_credentials_are_added_by_type() {
    let addr = echo().await;
    let provider = format!(
        "display_name: Acme\nauth_mode: BASIC\ndocs: https://docs.test\nproxy:\n  base_url: http://{addr}\n"
    );
    let credentials = Credentials::basic("u", "p".to_owned());
    let seen = Caller { credentials, ..Caller::get(&provider, "/") }.text().await;
    assert!(seen.contains("authorization: Basic dTpw"), "{seen}");
}

#[tokio::test]
async fn a_key_in_the_query_is_added_without_touching_the_callers_pairs() {
    let addr = echo().await;
    let provider = format!(
        "display_name: Acme\nauth_mode: API_KEY\ndocs: https://docs.test\nproxy:\n  base_url: http://{addr}\n  \
         query:\n    key: ${{apiKey}}\n"
    );
    let seen = Caller::get(&provider, "/x?q=a%20b&f[]=1").text().await;
    assert!(seen.starts_with("GET /x?q=a%20b&f[]=1&key=k-live-12345\n"), "{seen}");
}

struct Once(Arc<AtomicUsize>, Option<&'static str>);

impl Renew for Once {
    fn renew<'a>(&'a self, _: &'a CredentialView) -> RenewFuture<'a> {
        self.0.fetch_add(1, Ordering::SeqCst);
        let fresh = self.1.map(|key| CredentialView::from(&Credentials::api_key(key.to_owned())));
        Box::pin(std::future::ready(Ok(fresh)))
    }
}

async fn picky() -> std::net::SocketAddr {
    serve(|request| async move {
        let good = request.headers().get("x-acme-key").is_some_and(|key| key == "fresh-key");
        if good { answer(200, "in") } else { answer(401, "out") }
    })
    .await
}

#[tokio::test]
async fn refused_credentials_are_renewed_once_and_the_call_repeated() {
    let addr = picky().await;
    for (fresh, status, renewed, calls) in
        [(Some("fresh-key"), 200, true, 2), (Some("stale-key"), 401, true, 2), (None, 401, false, 1)]
    {
        let count = Arc::new(AtomicUsize::new(0));
        let renew: Option<Box<dyn Renew>> = Some(Box::new(Once(Arc::clone(&count), fresh)));
        let response = Caller { renew, ..Caller::get(&keyed(addr), "/") }.call().await.unwrap();
        assert_eq!(response.status(), status, "{fresh:?}");
        assert_eq!(response.headers().contains_key("dovetail-proxy-refreshed"), renewed);
        assert_eq!(response.headers()["dovetail-proxy-attempts"], calls.to_string().as_str());
        assert_eq!(count.load(Ordering::SeqCst), 1);
        drop(text(response).await);
    }
}
