use std::time::Duration;

use dovetail_model::DeliveryState;
use dovetail_store::{outbox, signing_keys};
use dovetail_testkit::Fixture;
use dovetail_webhooks::{SigningKeys, limits, signature_headers};

use crate::receiver::{Receiver, queue, stored, worker};

#[tokio::test]
async fn a_delivery_is_signed_with_the_environments_keys() {
    let fixture = Fixture::sqlite().await;
    let mut tx = fixture.store.begin().await.unwrap();
    signing_keys::rotate(&mut tx, fixture.dev).await.unwrap();
    tx.commit().await.unwrap();
    let mut receiver = Receiver::answering(&[(200, "thanks")]).await;
    let id = queue(&fixture, fixture.dev, &receiver.url).await;
    worker(&fixture).run_due().await.unwrap();

    let received = receiver.next();
    assert_eq!((received.path.as_str(), received.body.as_str()), ("/hook", r#"{"type":"auth"}"#));
    assert_eq!(
        (&received.headers["x-own"], &received.headers["content-type"]),
        (&"1".parse().unwrap(), &"application/json".parse().unwrap())
    );
    let mut keys =
        signing_keys::current(&mut fixture.store.read().await.unwrap(), fixture.dev).await.unwrap();
    let previous = keys.pop().map(|key| key.key);
    let keys = SigningKeys { current: keys.remove(0).key, previous };
    let now = fixture.store.clock().now();
    for (name, value) in &signature_headers(&keys, "evt_1", now, received.body.as_bytes()) {
        assert_eq!(received.headers.get_all(name).iter().collect::<Vec<_>>(), [value], "{name}");
    }
    assert_eq!(stored(&fixture, id).await.state, DeliveryState::Delivered { at: now });
    let attempts = outbox::attempts(&mut fixture.store.read().await.unwrap(), fixture.dev, id).await.unwrap();
    assert_eq!((attempts[0].status, attempts[0].answer.as_deref()), (Some(200), Some("thanks")));
}

#[tokio::test]
async fn a_failed_delivery_is_made_again_when_it_is_due_and_not_before() {
    let fixture = Fixture::sqlite().await;
    let mut receiver = Receiver::answering(&[(503, ""), (429, "retry-after: 100"), (200, "")]).await;
    let id = queue(&fixture, fixture.dev, &receiver.url).await;
    let mut worker = worker(&fixture);
    worker.run_due().await.unwrap();
    worker.run_due().await.unwrap();
    let first = receiver.next();
    assert!(receiver.is_idle());

    fixture.clock.advance(Duration::from_secs(6));
    worker.run_due().await.unwrap();
    let second = receiver.next();
    assert_eq!(first.headers["webhook-id"], second.headers["webhook-id"]);
    assert_ne!(first.headers["webhook-timestamp"], second.headers["webhook-timestamp"]);

    fixture.clock.advance(Duration::from_secs(99));
    worker.run_due().await.unwrap();
    assert!(receiver.is_idle(), "the receiver asked for 100 s");
    fixture.clock.advance(Duration::from_secs(1));
    worker.run_due().await.unwrap();
    receiver.next();
    let delivery = stored(&fixture, id).await;
    assert!(matches!(delivery.state, DeliveryState::Delivered { .. }));
    assert_eq!(delivery.attempts, 3);
}

#[tokio::test]
async fn a_delivery_that_is_given_up_can_be_replayed() {
    let fixture = Fixture::sqlite().await;
    let mut receiver = Receiver::answering(&[(410, ""), (200, "")]).await;
    let id = queue(&fixture, fixture.dev, &receiver.url).await;
    let mut worker = worker(&fixture);
    worker.run_due().await.unwrap();
    receiver.next();
    let DeliveryState::Dead { reason, .. } = stored(&fixture, id).await.state else { panic!("dead") };
    assert_eq!(reason, "The endpoint answered 410: it is gone for good.");
    fixture.clock.advance(Duration::from_hours(48));
    worker.run_due().await.unwrap();
    assert!(receiver.is_idle());

    let mut tx = fixture.store.begin().await.unwrap();
    assert!(outbox::replay(&mut tx, fixture.dev, id).await.unwrap());
    tx.commit().await.unwrap();
    worker.run_due().await.unwrap();
    receiver.next();
    assert!(matches!(stored(&fixture, id).await.state, DeliveryState::Delivered { .. }));
}

#[tokio::test]
async fn a_forbidden_endpoint_is_never_called() {
    let fixture = Fixture::sqlite().await;
    let id = queue(&fixture, fixture.dev, "http://169.254.169.254/latest").await;
    worker(&fixture).run_due().await.unwrap();
    let DeliveryState::Dead { reason, .. } = stored(&fixture, id).await.state else { panic!("dead") };
    assert!(reason.contains("cloud metadata"), "{reason}");
}

#[tokio::test]
async fn a_redirect_that_keeps_the_method_is_followed_and_another_is_a_refusal() {
    let fixture = Fixture::sqlite().await;
    let mut target = Receiver::answering(&[(200, "")]).await;
    let location: &'static str = format!("location: {}", target.url).leak();
    let kept = Receiver::answering(&[(308, location)]).await;
    let changed = Receiver::answering(&[(302, location)]).await;
    let followed = queue(&fixture, fixture.dev, &kept.url).await;
    let refused = queue(&fixture, fixture.dev, &changed.url).await;
    worker(&fixture).run_due().await.unwrap();
    assert!(target.next().headers.contains_key("x-nango-hmac-sha256"));
    assert!(target.is_idle());
    assert!(matches!(stored(&fixture, followed).await.state, DeliveryState::Delivered { .. }));
    assert!(matches!(stored(&fixture, refused).await.state, DeliveryState::Pending { .. }));
}

#[tokio::test]
async fn a_worker_that_died_loses_nothing() {
    let fixture = Fixture::sqlite().await;
    let mut receiver = Receiver::answering(&[(200, "")]).await;
    let id = queue(&fixture, fixture.dev, &receiver.url).await;
    let mut tx = fixture.store.begin().await.unwrap();
    assert_eq!(outbox::lease_due(&mut tx, 1, limits::LEASE).await.unwrap().len(), 1);
    tx.commit().await.unwrap();
    let mut worker = worker(&fixture);
    worker.run_due().await.unwrap();
    assert!(receiver.is_idle());
    fixture.clock.advance(limits::LEASE);
    worker.run_due().await.unwrap();
    receiver.next();
    assert!(matches!(stored(&fixture, id).await.state, DeliveryState::Delivered { .. }));
}
