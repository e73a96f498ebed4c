//! The operator's metrics.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Upper bounds in seconds: a pass without a change takes tens of milliseconds, one against a slow API server seconds.
const BUCKETS: [f64; 9] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// The operator's metrics.
pub(crate) struct Metrics {
    registry: Registry,
    reconciliations: Family<ResultLabel, Counter>,
    duration: Histogram,
    leader: Gauge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResultLabel {
    result: &'static str,
}

// === impl Metrics ===

impl Metrics {
    /// Metrics that start at zero.
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("tributary_operator");
        let reconciliations = Family::<ResultLabel, Counter>::default();
        for result in ["success", "error"] {
            // Made so that a rate is known from the start.
            reconciliations.get_or_create(&ResultLabel { result }).inc_by(0);
        }
        registry.register(
            "reconciliations",
            "Reconciliations of AggregatedAPIs by result",
            reconciliations.clone(),
        );
        let duration = Histogram::new(BUCKETS);
        registry.register_with_unit(
            "reconciliation_duration",
            "Time that one reconciliation took",
            Unit::Seconds,
            duration.clone(),
        );
        let leader = Gauge::default();
        registry.register("leader", "Whether this operator works: 1, or waits: 0", leader.clone());
        Self { registry, reconciliations, duration, leader }
    }

    /// This operator works, and waits no longer.
    pub(crate) fn leads(&self) {
        self.leader.set(1);
    }

    /// Whether this operator works.
    pub(crate) fn is_leader(&self) -> bool {
        self.leader.get() == 1
    }

    /// Counts a reconciliation.
    pub(crate) fn observe(&self, succeeded: bool, took: Duration) {
        let result = if succeeded { "success" } else { "error" };
        self.reconciliations.get_or_create(&ResultLabel { result }).inc();
        self.duration.observe(took.as_secs_f64());
    }

    /// The metrics in OpenMetrics' text form.
    ///
    /// # Errors
    /// The formatter's, which a String never causes.
    pub(crate) fn encode(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reconciliations_are_counted() {
        let metrics = Metrics::new();
        metrics.observe(true, Duration::from_millis(20));
        metrics.observe(false, Duration::from_secs(2));
        metrics.observe(false, Duration::from_secs(2));
        let text = metrics.encode().expect("text");
        for line in [
            "tributary_operator_reconciliations_total{result=\"success\"} 1",
            "tributary_operator_reconciliations_total{result=\"error\"} 2",
            "tributary_operator_reconciliation_duration_seconds_count 3",
            "tributary_operator_leader 0",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }
}
