//! Requests below `/apis/<group>/<version>/`: to a resource's verb, or to a raw endpoint.

mod decoding;
mod deletions;
mod reads;
mod scales;
mod writes;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, Request, State};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use tributary_access::User;
use tributary_definition::Verb as Declared;
use tributary_registry::{Address, Parameters, Part, Published, Resource, Status, Viewer};

use super::compress::{self, compressed};
use super::limits::InFlight;
use super::negotiate::{self, Accepted, Answer};
use super::request_info::{RequestInfo, ResourceInfo, Verb};
use super::respond::{Refusal, warn_first};
use super::server::Server;
use super::viewer::Caller;
use super::{body, endpoints, index};

/// Answers one request.
pub(crate) async fn serve(
    State(server): State<Arc<Server>>,
    Extension(info): Extension<Arc<RequestInfo>>,
    Extension(parameters): Extension<Arc<Parameters>>,
    Extension(user): Extension<Arc<User>>,
    request: Request,
) -> Response {
    let Some(published) = server.registry.published() else { return index::not_yet() };
    let Some(target) = &info.resource else { return index::no_such_path(Some(&published)) };
    if target.group != published.compiled.group || !published.compiled.serves_version(&target.version) {
        return index::no_such_path(Some(&published));
    }
    match route(&published, target) {
        Route::Resource(resource) => {
            let viewer = Caller::of(resource, &user, &server.objects);
            let call =
                Call { resource, target, parameters: &parameters, in_flight: &server.in_flight, viewer };
            let compress = target.verb != Verb::Watch && compress::accepted(request.headers());
            let mut response =
                call.run(request.headers().clone(), request.into_body()).await.unwrap_or_else(refuse);
            if compress {
                response = compressed(response);
            }
            let deprecated = resource.definition().deprecation_warning.clone();
            warn_first(&mut response, deprecated.as_slice());
            response
        }
        // Authorized as a watch, it would be read as a list.
        Route::Endpoint(_) if target.verb == Verb::Watch => refuse(Status::method_not_allowed()),
        Route::Endpoint(endpoint) => endpoints::serve(endpoint, request.method()),
        Route::None => index::not_found(),
    }
}

enum Route<'a> {
    Resource(&'a Arc<Resource>),
    Endpoint(&'a tributary_definition::Endpoint),
    None,
}

fn route<'a>(published: &'a Published, target: &ResourceInfo) -> Route<'a> {
    if let Some(endpoint) = published.compiled.endpoint(&target.version, &target.rest) {
        return Route::Endpoint(endpoint);
    }
    match published.resource(&target.version, &target.resource) {
        Some(resource) => Route::Resource(resource),
        None => Route::None,
    }
}

fn refuse(status: Status) -> Response {
    Refusal(status).into_response()
}

/// What of an object a request is about.
enum Subresource {
    None,
    Status,
    Scale,
}

/// One request for a resource.
struct Call<'a> {
    resource: &'a Resource,
    target: &'a ResourceInfo,
    parameters: &'a Parameters,
    in_flight: &'a InFlight,
    /// Of a view that shows each caller something else.
    viewer: Option<Arc<dyn Viewer>>,
}

impl Call<'_> {
    async fn run(&self, headers: HeaderMap, body: Body) -> Result<Response, Status> {
        if !self.fits_scope() {
            return Ok(index::not_found());
        }
        let part = self.part()?;
        if self.target.verb == Verb::Patch && self.check_verb().is_ok() {
            // Where there is any patch, its form is looked at before all else.
            negotiate::patch_type(&headers)?;
        }
        self.check_name()?;
        self.check_verb()?;
        // Held until the answer is made: the body is the smallest of what is made of it.
        let _room = match body::most(&body) {
            0 => None,
            most => self.in_flight.body(most).await,
        };
        match part {
            Subresource::None => self.main(&headers, body).await,
            Subresource::Status => self.status(&headers, body).await,
            Subresource::Scale => self.scale(&headers, body).await,
        }
    }

    async fn main(&self, headers: &HeaderMap, body: Body) -> Result<Response, Status> {
        match self.target.verb {
            Verb::Get => self.get(headers).await,
            Verb::List => self.list(headers).await,
            Verb::Watch => self.watch(headers).await,
            Verb::Create => self.create(headers, body).await,
            Verb::Update => self.update(Part::Main, headers, body).await,
            Verb::Patch => self.patch(Part::Main, headers, body).await,
            Verb::Delete => self.delete(headers, body).await,
            Verb::DeleteCollection => self.delete_collection(headers, body).await,
            Verb::None => Err(self.unsupported()),
        }
    }

    async fn status(&self, headers: &HeaderMap, body: Body) -> Result<Response, Status> {
        match self.target.verb {
            Verb::Get => self.get(headers).await,
            Verb::Update => self.update(Part::Status, headers, body).await,
            Verb::Patch => self.patch(Part::Status, headers, body).await,
            _ => Err(self.unsupported()),
        }
    }

    /// The subresource that is meant; one that is not declared does not exist.
    fn part(&self) -> Result<Subresource, Status> {
        let definition = self.resource.definition();
        match self.target.subresource.as_str() {
            "" => Ok(Subresource::None),
            "status" if definition.status => Ok(Subresource::Status),
            "scale" if definition.scale.is_some() => Ok(Subresource::Scale),
            _ => Err(self.resource.not_found(&self.target.name)),
        }
    }

    /// As for a custom resource: another scope is another path, which does not exist. Lists may go across
    /// namespaces, nothing else.
    fn fits_scope(&self) -> bool {
        let across = matches!(self.target.verb, Verb::List | Verb::Watch);
        match (self.resource.definition().namespaced(), self.target.namespace.is_empty()) {
            (true, true) => across && self.target.name.is_empty(),
            (namespaced, no_namespace) => namespaced != no_namespace,
        }
    }

    /// A collection is not replaced or patched.
    fn check_name(&self) -> Result<(), Status> {
        let named = matches!(self.target.verb, Verb::Update | Verb::Patch);
        match named && self.target.name.is_empty() {
            true => Err(Status::bad_request("name must be provided")),
            false => Ok(()),
        }
    }

    fn unsupported(&self) -> Status {
        self.resource.unsupported(self.target.verb.as_str())
    }

    fn check_verb(&self) -> Result<(), Status> {
        let declared: Result<Declared, _> = self.target.verb.as_str().parse();
        match declared {
            Ok(verb) if self.resource.definition().verbs.contains(&verb) => Ok(()),
            _ => Err(self.unsupported()),
        }
    }

    fn address(&self) -> Address<'_> {
        Address { namespace: &self.target.namespace, name: &self.target.name }
    }

    fn accepted(&self, headers: &HeaderMap, answer: Answer) -> Result<Accepted, Status> {
        negotiate::accepted(headers, self.parameters, answer)
    }
}
