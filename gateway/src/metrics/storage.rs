//! What is counted of the database file.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry as Families;
use tributary_sources::{Committed, Observer};

/// Upper bounds in seconds: from a fast disk to one that is in trouble.
const SECONDS: [f64; 12] = [0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.5, 2.0, 10.0];
/// Upper bounds in changes.
const CHANGES: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 256.0, 1024.0];

/// The metrics of the file; clones are the same.
#[derive(Clone)]
pub(crate) struct StorageMetrics {
    commits: Counter,
    changes: Histogram,
    took: Histogram,
    synced: Histogram,
    told: Histogram,
    file: Gauge,
    log: Gauge,
    log_bytes: Gauge,
}

impl StorageMetrics {
    pub(super) fn new(families: &mut Families) -> Self {
        let metrics = Self {
            commits: Counter::default(),
            changes: Histogram::new(CHANGES),
            took: Histogram::new(SECONDS),
            synced: Histogram::new(SECONDS),
            told: Histogram::new(SECONDS),
            file: Gauge::default(),
            log: Gauge::default(),
            log_bytes: Gauge::default(),
        };
        let of = metrics.clone();
        let families = families.sub_registry_with_prefix("tributary_storage");
        families.register("commits", "Transactions of the database file", of.commits);
        families.register("commit_changes", "Changes that shared a transaction", of.changes);
        families.register("commit_duration_seconds", "Time of a transaction, synced", of.took);
        families.register("sync_duration_seconds", "The part of it that waited for the disk", of.synced);
        families.register(
            "apply_duration_seconds",
            "From the disk's word until every change of a transaction could be read",
            of.told,
        );
        families.register("file_bytes", "Bytes that the database file takes", of.file);
        families.register("log_changes", "Changes that are kept for watchers", of.log);
        families.register("log_bytes", "Bytes of them", of.log_bytes);
        metrics
    }
}

impl Observer for StorageMetrics {
    fn committed(&self, commit: &Committed) {
        self.commits.inc();
        self.changes.observe(commit.changes as f64);
        self.took.observe(commit.took.as_secs_f64());
        self.synced.observe(commit.synced.as_secs_f64());
        self.told.observe(commit.told.as_secs_f64());
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        self.file.set(number(commit.file));
        self.log.set(number(commit.log));
        self.log_bytes.set(number(commit.log_bytes));
    }
}
