//! /livez, /readyz, /healthz (apiserver, `healthz.go`).

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::StatusCode;
use tributary_registry::Registry;

use super::index;
use super::respond;
use super::server::Server;

/// How long readiness waits for what is not the definition: a gateway without it still answers discovery, and
/// a group that is not ready makes the whole cluster suffer.
const PATIENCE: Duration = Duration::from_secs(30);

/// What /readyz looks at. Once it is ready it stays so until shutdown.
pub(crate) struct Readiness {
    started: Instant,
    definition: AtomicBool,
    /// The CAs of kube-apiserver are known, and the namespaces.
    informers: AtomicBool,
    /// What the database file has was read, if there is one.
    storage: AtomicBool,
    stopping: AtomicBool,
}

/// One line of a verbose answer.
struct Check {
    name: &'static str,
    passed: bool,
}

impl Default for Readiness {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            definition: AtomicBool::new(false),
            informers: AtomicBool::new(false),
            storage: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
        }
    }
}

impl Readiness {
    /// A definition is served.
    pub(crate) fn definition_published(&self) {
        self.definition.store(true, Ordering::Release);
    }

    /// What is watched has been seen once.
    pub(crate) fn informers_synced(&self) {
        self.informers.store(true, Ordering::Release);
    }

    /// New clients are to go elsewhere.
    pub(crate) fn stopping(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    fn checks(&self, registry: &Registry) -> Vec<Check> {
        let waited = self.started.elapsed() > PATIENCE;
        let definition = self.definition.load(Ordering::Acquire);
        // Before there is a definition nothing is to be read of the file, which says nothing of what will be.
        if definition && registry.is_restored() {
            self.storage.store(true, Ordering::Release);
        }
        vec![
            Check { name: "ping", passed: true },
            Check { name: "definition", passed: definition },
            Check { name: "informer-sync", passed: waited || self.informers.load(Ordering::Acquire) },
            Check { name: "storage", passed: waited || self.storage.load(Ordering::Acquire) },
            Check { name: "shutdown", passed: !self.stopping.load(Ordering::Acquire) },
        ]
    }
}

/// `GET /livez` and `/healthz`: the process answers.
pub(crate) async fn livez(RawQuery(query): RawQuery) -> Response {
    answer("livez", alive(), query.as_deref())
}

/// `GET /livez/<check>`.
pub(crate) async fn livez_check(State(server): State<Arc<Server>>, Path(name): Path<String>) -> Response {
    one(&server, alive(), &name)
}

/// `GET /readyz`.
pub(crate) async fn readyz(State(server): State<Arc<Server>>, RawQuery(query): RawQuery) -> Response {
    answer("readyz", server.readiness.checks(&server.registry), query.as_deref())
}

/// `GET /readyz/<check>`.
pub(crate) async fn readyz_check(State(server): State<Arc<Server>>, Path(name): Path<String>) -> Response {
    one(&server, server.readiness.checks(&server.registry), &name)
}

fn alive() -> Vec<Check> {
    vec![Check { name: "ping", passed: true }]
}

fn one(server: &Server, checks: Vec<Check>, name: &str) -> Response {
    match checks.into_iter().find(|check| check.name == name) {
        Some(check) => answer(check.name, vec![check], None),
        None => index::no_such_path(server.registry.published().as_deref()),
    }
}

fn answer(endpoint: &str, checks: Vec<Check>, query: Option<&str>) -> Response {
    let query: Vec<_> = form_urlencoded::parse(query.unwrap_or_default().as_bytes()).collect();
    let verbose = query.iter().any(|(key, _)| key == "verbose");
    let excluded: Vec<_> =
        query.iter().filter(|(key, _)| key == "exclude").map(|(_, name)| name.as_ref()).collect();
    let mut lines = String::new();
    let mut failed = false;
    for check in &checks {
        let line = match (excluded.contains(&check.name), check.passed) {
            (true, _) => format!("[+]{} excluded: ok", check.name),
            (false, true) => format!("[+]{} ok", check.name),
            (false, false) => {
                failed = true;
                format!("[-]{} failed: reason withheld", check.name)
            }
        };
        let _ = writeln!(lines, "{line}");
    }
    for name in excluded.iter().filter(|name| !checks.iter().any(|check| check.name == **name)) {
        let _ = writeln!(lines, "warn: some health checks cannot be excluded: no matches for {name:?}");
    }
    match (failed, verbose) {
        (true, _) => {
            respond::text(StatusCode::INTERNAL_SERVER_ERROR, format!("{lines}{endpoint} check failed\n"))
        }
        (false, true) => respond::text(StatusCode::OK, format!("{lines}{endpoint} check passed\n")),
        (false, false) => respond::text(StatusCode::OK, "ok"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::namespaces::EveryNamespace;

    #[test]
    fn storage_is_ready_only_after_a_definition() {
        let (readiness, registry) = (Readiness::default(), Registry::new(Arc::new(EveryNamespace), None));
        let storage =
            || readiness.checks(&registry).iter().any(|check| check.name == "storage" && check.passed);
        // Whoever asks too early does not make it ready for good.
        assert!(!storage());
        readiness.definition_published();
        assert!(storage());
    }
}
