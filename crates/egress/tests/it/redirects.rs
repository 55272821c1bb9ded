use dovetail_egress::{Body, Client, EgressConfig, EgressError, FinalUrl, Redirects, SendOptions};
use http::Request;

use crate::server::{Answer, Names, body_text, client, get, head, local, serve, text};

fn to(status: u16, location: &str) -> Answer {
    let mut answer = text(status, "moved");
    answer.headers_mut().insert("location", location.parse().unwrap());
    answer
}

#[tokio::test]
async fn a_redirect_is_an_answer_unless_following_is_asked_for() {
    let addr = serve(|_| async { to(302, "/next") }).await;
    let response = client().send(get(&format!("http://{addr}/")), SendOptions::default()).await.unwrap();
    assert_eq!(response.status(), 302);
}

#[tokio::test]
async fn secrets_stay_with_their_origin() {
    let stranger = serve(|request| async move { text(200, head(&request)) }).await;
    let home = serve(move |_| async move { to(307, &format!("http://{stranger}/taken")) }).await;
    let request = Request::post(format!("http://{home}/"))
        .header("x-api-key", "s3cret")
        .header("authorization", "Bearer s3cret")
        .header("accept", "application/json")
        .body(Body::from("body"))
        .unwrap();
    let options = SendOptions::default().redirects(Redirects::follow());
    let response = client().send(request, options).await.unwrap();
    assert_eq!(
        response.extensions().get::<FinalUrl>().unwrap().0.as_str(),
        format!("http://{stranger}/taken")
    );
    let seen = body_text(response).await;
    assert!(seen.starts_with("POST /taken\naccept: application/json"), "{seen}");
    assert!(!seen.contains("s3cret"), "{seen}");
}

#[tokio::test]
async fn each_hop_is_judged() {
    let home = serve(|_| async { to(302, "http://169.254.169.254/latest/meta-data") }).await;
    let options = SendOptions::default().redirects(Redirects::follow());
    let error = client().send(get(&format!("http://{home}/")), options.clone()).await.unwrap_err();
    assert_eq!(error.code(), "denied_ip");

    let home = serve(|_| async { to(302, "http://inside.test/") }).await;
    let names = Names::of(&[("inside.test", "10.0.0.1")]);
    let client = Client::new(EgressConfig { resolver: names, ..local() }).unwrap();
    let error = client.send(get(&format!("http://{home}/")), options).await.unwrap_err();
    assert_eq!(error.code(), "denied_dns");
}

#[tokio::test]
async fn a_circle_ends() {
    let addr = serve(|_| async { to(302, "/again") }).await;
    let options = SendOptions::default().redirects(Redirects::follow());
    let error = client().send(get(&format!("http://{addr}/")), options).await.unwrap_err();
    assert!(matches!(error, EgressError::TooManyRedirects), "{error:?}");
}

#[tokio::test]
async fn only_method_keeping_redirects_are_followed_on_request() {
    let addr = serve(|request| async move {
        match request.uri().path() {
            "/302" => to(302, "/end"),
            "/308" => to(308, "/end"),
            _ => text(200, request.method().to_string()),
        }
    })
    .await;
    let options = SendOptions::default().redirects(Redirects::SameMethodOnly { max: 2, keep_headers: false });
    let post = |path: &str| Request::post(format!("http://{addr}{path}")).body(Body::from("x")).unwrap();
    assert_eq!(client().send(post("/302"), options.clone()).await.unwrap().status(), 302);
    assert_eq!(body_text(client().send(post("/308"), options).await.unwrap()).await, "POST");
}
