use crate::service::{Answer, Caller, answer, echo, keyed, serve};

fn to(status: u16, location: String) -> Answer {
    let mut answer = answer(status, "");
    answer.headers_mut().insert("location", location.parse().unwrap());
    answer
}

#[tokio::test]
async fn a_stranger_gets_the_request_but_not_the_key() {
    let stranger = echo().await;
    let home = serve(move |_| async move { to(307, format!("http://{stranger}/taken")) }).await;
    let post = || {
        Caller::post(&keyed(home), "/", "body".into())
            .with("content-type", "text/plain")
            .with("nango-proxy-x-trace", "t1")
            .with("nango-proxy-authorization", "Bearer own")
    };
    let seen = post().text().await;
    assert!(seen.starts_with("POST /taken\n") && seen.ends_with("\n\nbody"), "{seen}");
    assert!(seen.contains("x-trace: t1") && seen.contains("content-type: text/plain"), "{seen}");
    assert!(!seen.contains("k-live") && !seen.contains("Bearer own"), "{seen}");

    let told = post().with("forward-headers-on-redirect", "true").text().await;
    assert!(told.contains("x-acme-key: k-live-12345") && told.contains("Bearer own"), "{told}");
}

#[tokio::test]
async fn the_own_origin_keeps_the_key() {
    let home = serve(|request| async move {
        match request.uri().path() {
            "/v1/old" => to(301, "/new".to_owned()),
            _ => answer(200, crate::service::head(&request)),
        }
    })
    .await;
    let seen = Caller::get(&keyed(home), "/old").text().await;
    assert!(seen.starts_with("GET /new\n") && seen.contains("x-acme-key: k-live-12345"), "{seen}");
}

#[tokio::test]
async fn a_hop_to_a_forbidden_address_is_refused() {
    let home = serve(|_| async { to(302, "http://169.254.169.254/latest/meta-data".to_owned()) }).await;
    let error = Caller::get(&keyed(home), "/").call().await.unwrap_err();
    assert_eq!((error.wire().0.as_u16(), error.wire().1), (400, "base_url_override_not_allowed"));
}

#[tokio::test]
async fn a_circle_is_an_error_of_ours() {
    let home = serve(|_| async { to(302, "/again".to_owned()) }).await;
    let error = Caller::get(&keyed(home), "/").call().await.unwrap_err();
    assert_eq!(error.wire().1, "too_many_redirects");
}

#[tokio::test]
async fn a_signature_is_made_anew_for_where_the_call_moves() {
    let home = serve(|request| async move {
        match request.uri().path() {
            "/v1/old" => to(307, "/v1/new?x=1".to_owned()),
            _ => answer(200, crate::service::head(&request)),
        }
    })
    .await;
    let signed = |path: &str| {
        let provider =
            keyed(home).replace("${apiKey}", "${hmacSha1Hex(${method} ${path} ${params}, ${apiKey})}");
        Caller::get(&provider, path)
    };
    let moved = signed("/old").text().await;
    let direct = signed("/new?x=1").text().await;
    assert!(moved.starts_with("GET /v1/new?x=1\n"), "{moved}");
    let signature =
        |seen: &str| seen.lines().find(|line| line.starts_with("x-acme-key: ")).unwrap().to_owned();
    assert_eq!(signature(&moved), signature(&direct));
    assert_ne!(signature(&moved), signature(&signed("/other").text().await));
}

#[tokio::test]
async fn a_redirect_past_the_limits_of_the_key_is_the_answer() {
    let stranger = echo().await;
    let home = serve(move |request| async move {
        match request.uri().path() {
            "/v1/to-admin" => to(302, "/v1/admin".to_owned()),
            "/v1/to-docs" => to(302, "/v1/docs/1".to_owned()),
            "/v1/away" => to(302, format!("http://{stranger}/file")),
            _ => answer(200, crate::service::head(&request)),
        }
    })
    .await;
    let call = |path: &str| {
        let limits = r#"{"paths": ["/v1/to-admin", "/v1/to-docs", "/v1/away", "/v1/docs/*"]}"#;
        Caller { limits: Some(serde_json::from_str(limits).unwrap()), ..Caller::get(&keyed(home), path) }
    };
    let stopped = call("/to-admin").call().await.unwrap();
    assert_eq!(
        (stopped.status(), stopped.headers()["location"].as_bytes()),
        (302.try_into().unwrap(), &b"/v1/admin"[..])
    );
    assert!(call("/to-docs").text().await.starts_with("GET /v1/docs/1\n"));
    // Without the credentials it may go anywhere.
    let away = call("/away").text().await;
    assert!(away.starts_with("GET /file\n") && !away.contains("k-live"), "{away}");
    let error = call("/admin").call().await.unwrap_err();
    assert_eq!((error.wire().0.as_u16(), error.wire().1), (403, "key_limited"));
}
