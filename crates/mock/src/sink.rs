//! Webhook sinks: places that accept every delivery and show it to whoever asks.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};
use tokio::sync::watch;

use crate::limits::{SINK_DELIVERIES, SINK_WAIT, SINKS};

/// One request that a sink received.
#[derive(Clone, Debug, Serialize)]
pub struct Delivery {
    /// Position in this sink, counted from 1, never reused.
    pub number: u64,
    /// Milliseconds since 1970 by the simulator's clock.
    pub received_at: i64,
    /// Request method.
    pub method: String,
    /// Intended absolute URL.
    pub url: String,
    /// Headers, names in lower case; repeated ones as a list.
    pub headers: Map<String, Value>,
    /// The body as text, or `{"base64": …}` where it is not UTF-8.
    pub body: Value,
    /// Bytes the body had, also beyond what is kept.
    pub body_bytes: u64,
}

#[derive(Debug)]
struct Sink {
    name: String,
    deliveries: VecDeque<Delivery>,
    count: u64,
}

/// All sinks of one simulator.
#[derive(Debug)]
pub(crate) struct Sinks {
    sinks: Mutex<VecDeque<Sink>>,
    changed: watch::Sender<u64>,
}

impl Default for Sinks {
    fn default() -> Self {
        Self { sinks: Mutex::default(), changed: watch::Sender::new(0) }
    }
}

impl Sinks {
    /// Keeps a delivery and gives it its number.
    pub(crate) fn record(&self, name: &str, mut delivery: Delivery) {
        let mut sinks = self.sinks.lock().unwrap_or_else(PoisonError::into_inner);
        let at = sinks.iter().position(|s| s.name == name).unwrap_or_else(|| {
            if sinks.len() >= SINKS {
                sinks.pop_front();
            }
            sinks.push_back(Sink { name: name.to_owned(), deliveries: VecDeque::new(), count: 0 });
            sinks.len() - 1
        });
        if let Some(sink) = sinks.get_mut(at) {
            sink.count += 1;
            delivery.number = sink.count;
            if sink.deliveries.len() >= SINK_DELIVERIES {
                sink.deliveries.pop_front();
            }
            sink.deliveries.push_back(delivery);
        }
        drop(sinks);
        self.changed.send_modify(|n| *n += 1);
    }

    /// What a sink has received, oldest first.
    pub(crate) fn list(&self, name: &str) -> Vec<Delivery> {
        let sinks = self.sinks.lock().unwrap_or_else(PoisonError::into_inner);
        sinks
            .iter()
            .find(|s| s.name == name)
            .map(|s| s.deliveries.iter().cloned().collect())
            .unwrap_or_default()
    }

    /// As [`Sinks::list`], once there are `count` deliveries or `wait` (at most [`SINK_WAIT`]) is over.
    pub(crate) async fn wait_for(&self, name: &str, count: usize, wait: Duration) -> Vec<Delivery> {
        let mut changed = self.changed.subscribe();
        let enough = async {
            while self.list(name).len() < count {
                if changed.changed().await.is_err() {
                    break;
                }
            }
        };
        // Running out of time is an answer too: what is there by then.
        if tokio::time::timeout(wait.min(SINK_WAIT), enough).await.is_err() {
            tracing::debug!(sink.name = name, "fewer deliveries than waited for");
        }
        self.list(name)
    }

    /// Forgets a sink.
    pub(crate) fn clear(&self, name: &str) {
        self.sinks.lock().unwrap_or_else(PoisonError::into_inner).retain(|s| s.name != name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery() -> Delivery {
        Delivery {
            number: 0,
            received_at: 0,
            method: "POST".into(),
            url: "https://a.webhook.test/".into(),
            headers: Map::new(),
            body: Value::Null,
            body_bytes: 0,
        }
    }

    #[test]
    fn the_oldest_delivery_makes_room_and_numbers_go_on() {
        let sinks = Sinks::default();
        for _ in 0..=SINK_DELIVERIES {
            sinks.record("a", delivery());
        }
        let list = sinks.list("a");
        assert_eq!(list.len(), SINK_DELIVERIES);
        assert_eq!(list.first().map(|d| d.number), Some(2));
    }

    #[test]
    fn the_oldest_sink_makes_room() {
        let sinks = Sinks::default();
        for n in 0..=SINKS {
            sinks.record(&n.to_string(), delivery());
        }
        assert!(sinks.list("0").is_empty());
        assert_eq!(sinks.list(&SINKS.to_string()).len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_waits_for_the_next_delivery() {
        let sinks = std::sync::Arc::new(Sinks::default());
        let reader = tokio::spawn({
            let sinks = sinks.clone();
            async move { sinks.wait_for("a", 1, Duration::from_secs(10)).await }
        });
        tokio::task::yield_now().await;
        sinks.record("a", delivery());
        assert_eq!(reader.await.unwrap().len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_ends() {
        let sinks = Sinks::default();
        assert!(sinks.wait_for("a", 1, Duration::from_hours(1)).await.is_empty());
    }
}
