//! `GET /tributary/state`: how the gateway fares, for the operator and nobody else. Gateways report, they do not write.
//!
//! Who asks is told by a client certificate of the group's own CA, before anybody is authenticated: it is no credential of
//! the cluster, and opens nothing else. No right of the cluster opens this path, so that none can be given by mistake.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode, Uri};
use tributary_crds::{EvaluationState, GatewayState, ResourceState, STATE_PATH, SourceState};
use tributary_definition::{Source, View};
use tributary_registry::{Published, Resource, Status, ViewReport};
use tributary_sources::Committer;

use super::respond::{self, Refusal};
use super::server::Server;
use crate::listener::Connection;

/// How long the disk may take for one answer before that is told; a write fails after 60 seconds.
const HANGS: Duration = Duration::from_secs(10);

/// Tells what the process knows of itself, and not the server: its certificate, and the absence that it has followed. In the
/// extensions of requests, where there is one.
#[derive(Clone)]
pub(crate) struct OwnState(pub(crate) Arc<dyn Fn() -> GatewayState + Send + Sync>);

/// Whether the request is for the state, which only [`answer`] answers.
pub(crate) fn is_asked_for(uri: &Uri) -> bool {
    uri.path() == STATE_PATH
}

/// The answer for the operator; none for anybody else.
pub(crate) fn answer(server: &Server, connection: &Connection, request: &Request) -> Option<Response> {
    if !is_asked_for(request.uri()) || !server.authenticator.is_operator(&connection.peer) {
        return None;
    }
    if request.method() != Method::GET {
        return Some(Refusal(Status::method_not_allowed()).into_response());
    }
    let own = request.extensions().get::<OwnState>().map(|OwnState(of_now)| of_now()).unwrap_or_default();
    let state = GatewayState {
        absence: own.absence,
        leaf: own.leaf,
        storage_fault: server.registry.durable().and_then(storage_fault),
        ..server.registry.published().map(|published| of(&published)).unwrap_or_default()
    };
    Some(respond::json(StatusCode::OK, &state))
}

/// A disk that does not answer is as bad as one that refuses.
fn storage_fault(durable: &Committer) -> Option<String> {
    let hangs = durable.waiting() > HANGS;
    let hangs = hangs.then(|| format!("the disk has not answered for more than {} s", HANGS.as_secs()));
    durable.fault().map(|fault| fault.to_string()).or(hangs)
}

fn of(published: &Published) -> GatewayState {
    // Every version of a resource has the same objects.
    let resources: BTreeMap<_, _> =
        published.resources().map(|resource| (resource.definition().plural.clone(), resource)).collect();
    GatewayState {
        generation: Some(published.compiled.generation),
        hash: Some(published.compiled.hash.clone()),
        resources: resources.into_values().map(|resource| of_resource(resource)).collect(),
        ..GatewayState::default()
    }
}

fn of_resource(resource: &Resource) -> ResourceState {
    let definition = resource.definition();
    let mut state = ResourceState {
        name: definition.plural.clone(),
        synced: resource.check_ready().is_ok(),
        objects: count(resource.objects()),
        ..ResourceState::default()
    };
    if let (Source::View(view), Some(report)) = (&definition.source, resource.view_report()) {
        add_view(&mut state, view, report);
    }
    let (count, last) = definition.columns.failures().report();
    state.errors += count;
    if let (None, Some(failure)) = (&state.last_error, last) {
        let path = format!("additionalPrinterColumns[{}].expression", failure.column);
        state.last_error = Some(EvaluationState { path, kind: failure.kind });
    }
    state
}

fn add_view(state: &mut ResourceState, view: &View, report: ViewReport) {
    state.synced = report.synced;
    state.errors = report.errors;
    state.last_error = report.last_error.map(|(path, kind)| EvaluationState { path, kind });
    state.hidden = count(report.hidden);
    let mut faults = report.failures;
    let failing =
        view.sources().enumerate().filter_map(|(place, source)| Some((source, faults.remove(&place)?)));
    state.sources = failing
        .map(|(source, fault)| SourceState {
            api_version: source.api_version.clone(),
            resource: source.resource.clone(),
            reason: fault.reason,
            message: fault.message,
        })
        .collect();
}

fn count(objects: usize) -> u64 {
    u64::try_from(objects).unwrap_or(u64::MAX)
}
