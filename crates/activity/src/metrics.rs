//! Counters, gauges and histograms of one process, written out in the Prometheus text format (0.0.4).
//!
//! Updating a metric never waits: a value is an atomic, a label combination is looked up under a read lock.
//! The set of metrics is closed, so the page at `/metrics` is known when the program is built.

mod counter;
mod gauge;
mod histogram;
mod series;
mod text;

use std::sync::Arc;

pub use counter::CounterVec;
pub use gauge::Gauge;
pub use histogram::HistogramVec;

/// Upper bounds of the duration buckets, in seconds.
const DURATION_BUCKETS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// All metrics of the process.
#[derive(Debug)]
pub struct Metrics {
    /// HTTP requests answered, by method and status class (`2xx`).
    pub http_requests: CounterVec<2>,
    /// Attempts to link an account, by provider and outcome.
    pub connect_attempts: CounterVec<2>,
    /// Requests that tested credentials, by provider and outcome.
    pub credential_tests: CounterVec<2>,
    /// Refreshes that asked a provider, by provider and outcome.
    pub credential_refreshes: CounterVec<2>,
    /// Duration of their token requests, in seconds, by provider.
    pub refresh_seconds: HistogramVec<1>,
    /// Planned refreshes under way.
    pub refreshes_under_way: Gauge,
    /// Connections removed.
    pub connections_deleted: CounterVec<1>,
    /// Forwarded calls, by provider and status class.
    pub proxy_requests: CounterVec<2>,
    /// Duration of forwarded calls until the last byte, in seconds, by provider.
    pub proxy_seconds: HistogramVec<1>,
    /// Attempts to deliver a webhook, by outcome.
    pub webhook_deliveries: CounterVec<1>,
    /// Log entries not kept: the queue was full, the database refused them, or they told of one more call that
    /// went well within a second that had many.
    pub log_entries_dropped: CounterVec<1>,
    /// Log entries waiting to be written.
    pub log_queue_entries: Gauge,
}

impl Metrics {
    /// A fresh set, all at zero.
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            http_requests: CounterVec::new(
                "dovetail_http_requests_total",
                "HTTP requests answered.",
                ["method", "status"],
            ),
            connect_attempts: CounterVec::new(
                "dovetail_connect_attempts_total",
                "Attempts to link an account.",
                ["provider", "outcome"],
            ),
            credential_tests: CounterVec::new(
                "dovetail_credential_tests_total",
                "Tests of credentials against their provider.",
                ["provider", "outcome"],
            ),
            credential_refreshes: CounterVec::new(
                "dovetail_credential_refreshes_total",
                "Refreshes that asked a provider.",
                ["provider", "outcome"],
            ),
            refresh_seconds: HistogramVec::new(
                "dovetail_credential_refresh_duration_seconds",
                "Duration of token requests of refreshes.",
                ["provider"],
                DURATION_BUCKETS,
            ),
            refreshes_under_way: Gauge::new("dovetail_planned_refreshes", "Planned refreshes under way."),
            connections_deleted: CounterVec::new(
                "dovetail_connections_deleted_total",
                "Connections deleted.",
                ["provider"],
            ),
            proxy_requests: CounterVec::new(
                "dovetail_proxy_requests_total",
                "Calls forwarded to a provider.",
                ["provider", "status"],
            ),
            proxy_seconds: HistogramVec::new(
                "dovetail_proxy_request_duration_seconds",
                "Duration of forwarded calls.",
                ["provider"],
                DURATION_BUCKETS,
            ),
            webhook_deliveries: CounterVec::new(
                "dovetail_webhook_deliveries_total",
                "Attempts to deliver a webhook.",
                ["outcome"],
            ),
            log_entries_dropped: CounterVec::new(
                "dovetail_log_entries_dropped_total",
                "Log entries that could not be kept.",
                ["reason"],
            ),
            log_queue_entries: Gauge::new("dovetail_log_queue_entries", "Log entries waiting to be written."),
        })
    }

    /// The page of `/metrics`: every metric in the Prometheus text format.
    pub fn render(&self) -> String {
        let mut page = String::with_capacity(4_096);
        self.http_requests.render(&mut page);
        self.connect_attempts.render(&mut page);
        self.credential_tests.render(&mut page);
        self.credential_refreshes.render(&mut page);
        self.refresh_seconds.render(&mut page);
        self.refreshes_under_way.render(&mut page);
        self.connections_deleted.render(&mut page);
        self.proxy_requests.render(&mut page);
        self.proxy_seconds.render(&mut page);
        self.webhook_deliveries.render(&mut page);
        self.log_entries_dropped.render(&mut page);
        self.log_queue_entries.render(&mut page);
        page
    }
}

/// The class of an HTTP status as a label: `2xx` for 204.
pub fn status_class(status: u16) -> &'static str {
    match status / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        5 => "5xx",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_lists_help_type_and_values() {
        let metrics = Metrics::new();
        metrics.connect_attempts.increment(["coda", "success"]);
        metrics.connect_attempts.increment(["coda", "success"]);
        metrics.log_queue_entries.set(3);
        metrics.proxy_seconds.observe(["coda"], 0.004);
        let page = metrics.render();
        assert!(page.contains("# TYPE dovetail_connect_attempts_total counter\n"));
        assert!(page.contains("dovetail_connect_attempts_total{provider=\"coda\",outcome=\"success\"} 2\n"));
        assert!(page.contains("dovetail_log_queue_entries 3\n"));
        assert!(
            page.contains(
                "dovetail_proxy_request_duration_seconds_bucket{provider=\"coda\",le=\"0.005\"} 1\n"
            )
        );
        assert!(
            page.contains(
                "dovetail_proxy_request_duration_seconds_bucket{provider=\"coda\",le=\"0.0025\"} 0\n"
            )
        );
        assert!(
            page.contains(
                "dovetail_proxy_request_duration_seconds_bucket{provider=\"coda\",le=\"+Inf\"} 1\n"
            )
        );
        assert!(page.contains("dovetail_proxy_request_duration_seconds_count{provider=\"coda\"} 1\n"));
    }

    #[test]
    fn label_values_are_escaped() {
        let metrics = Metrics::new();
        metrics.webhook_deliveries.increment(["a\"b\\c\nd"]);
        assert!(metrics.render().contains(r#"outcome="a\"b\\c\nd"} 1"#));
    }

    #[test]
    fn a_flood_of_label_values_ends_in_one_series() {
        let metrics = Metrics::new();
        for number in 0..crate::limits::SERIES_PER_METRIC + 10 {
            metrics.webhook_deliveries.increment([&number.to_string()]);
        }
        assert!(metrics.render().contains("dovetail_webhook_deliveries_total{outcome=\"other\"} 10\n"));
    }
}
