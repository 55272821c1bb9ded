use std::time::Duration;

use dovetail_model::DeliveryState;
use dovetail_store::outbox::{self, Filter};
use dovetail_testkit::Fixture;
use tokio_util::sync::CancellationToken;

use crate::receiver::{Receiver, queue, worker};

/// Far below the poll interval: what arrives in this time was announced.
const SOON: Duration = Duration::from_secs(4);

#[tokio::test]
async fn a_commit_wakes_the_worker_and_stopping_lets_it_finish() {
    let fixture = Fixture::sqlite().await;
    let mut receiver = Receiver::answering(&[(200, "")]).await;
    let stop = CancellationToken::new();
    let running = tokio::spawn(worker(&fixture).run(stop.clone()));
    for _ in 0..3 {
        queue(&fixture, fixture.dev, &receiver.url).await;
        tokio::time::timeout(SOON, receiver.received.recv()).await.unwrap().unwrap();
    }
    stop.cancel();
    tokio::time::timeout(SOON, running).await.unwrap().unwrap();
    let mut db = fixture.store.read().await.unwrap();
    let delivered = outbox::list(&mut db, fixture.dev, Filter::Delivered, None, 10).await.unwrap();
    assert_eq!(delivered.len(), 3, "an attempt under way is written down before the worker ends");
}

#[tokio::test]
async fn a_hanging_endpoint_holds_up_nobody_else() {
    let fixture = Fixture::sqlite().await;
    let hanging = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = format!("http://{}/", hanging.local_addr().unwrap());
    for _ in 0..2 * dovetail_webhooks::limits::MAX_IN_FLIGHT {
        queue(&fixture, fixture.dev, &silent).await;
    }
    let mut receiver = Receiver::answering(&[(200, "")]).await;
    let prompt = queue(&fixture, fixture.dev, &receiver.url).await;
    let stop = CancellationToken::new();
    let running = tokio::spawn(worker(&fixture).run(stop.clone()));
    tokio::time::timeout(SOON, receiver.received.recv()).await.unwrap().unwrap();
    let is_delivered = async || {
        let delivery = outbox::get(&mut fixture.store.read().await.unwrap(), fixture.dev, prompt).await;
        matches!(delivery.unwrap().unwrap().state, DeliveryState::Delivered { .. })
    };
    let mut changes = fixture.store.changes();
    while !is_delivered().await {
        tokio::time::timeout(SOON, changes.recv()).await.unwrap().unwrap();
    }
    running.abort();
}
