//! Requests below `/apis/<group>/<version>/`: to a resource's verb, or to a raw endpoint.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use tributary_definition::Verb as Declared;
use tributary_registry::{
    Address, CreateOptions, CreatedObject, DeleteOptions, GetOptions, ListOptions, Parameters, Published,
    Resource, Status,
};

use super::negotiate::{self, Answer, Form};
use super::request_info::{RequestInfo, ResourceInfo, Verb};
use super::respond::{self, Refusal, warn};
use super::server::Server;
use super::{body, endpoints, index, represent};

/// Answers one request.
pub(crate) async fn serve(
    State(server): State<Arc<Server>>,
    Extension(info): Extension<Arc<RequestInfo>>,
    Extension(parameters): Extension<Arc<Parameters>>,
    request: Request,
) -> Response {
    let Some(published) = server.registry.published() else { return index::not_yet() };
    let Some(target) = &info.resource else { return index::no_such_path(Some(&published)) };
    if target.group != published.compiled.group || !published.compiled.serves_version(&target.version) {
        return index::no_such_path(Some(&published));
    }
    match route(&published, target) {
        Route::Resource(resource) => {
            let call = Call { resource, target, parameters: &parameters };
            let mut response =
                call.run(request.headers().clone(), request.into_body()).await.unwrap_or_else(refuse);
            let deprecated = resource.definition().deprecation_warning.clone();
            warn(&mut response, deprecated.as_slice());
            response
        }
        Route::Endpoint(endpoint) => endpoints::serve(endpoint, request.method()),
        Route::None => refuse(Status::no_such_resource()),
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

/// One request for a resource.
struct Call<'a> {
    resource: &'a Resource,
    target: &'a ResourceInfo,
    parameters: &'a Parameters,
}

impl Call<'_> {
    async fn run(&self, headers: HeaderMap, body: Body) -> Result<Response, Status> {
        self.check_scope()?;
        self.check_verb()?;
        match self.target.verb {
            Verb::Get => self.get(&headers),
            Verb::List => self.list(&headers),
            Verb::Create => self.create(&headers, body).await,
            Verb::Delete => self.delete(&headers, body).await,
            // A verb that no source has yet is not declared, and was refused above.
            Verb::Watch | Verb::Update | Verb::Patch | Verb::DeleteCollection | Verb::None => {
                Err(Status::method_not_allowed())
            }
        }
    }

    /// As for a custom resource: another scope is another path, which does not exist. Lists may go across
    /// namespaces, nothing else.
    fn check_scope(&self) -> Result<(), Status> {
        if !self.target.subresource.is_empty() {
            return Err(Status::no_such_resource());
        }
        let across = matches!(self.target.verb, Verb::List | Verb::Watch);
        let fits = match (self.resource.definition().namespaced(), self.target.namespace.is_empty()) {
            (true, true) => across && self.target.name.is_empty(),
            (namespaced, no_namespace) => namespaced != no_namespace,
        };
        if fits { Ok(()) } else { Err(Status::no_such_resource()) }
    }

    fn check_verb(&self) -> Result<(), Status> {
        let declared: Result<Declared, _> = self.target.verb.as_str().parse();
        match declared {
            Ok(verb) if self.resource.definition().verbs.contains(&verb) => Ok(()),
            _ => Err(Status::method_not_allowed()),
        }
    }

    fn address(&self) -> Address<'_> {
        Address { namespace: &self.target.namespace, name: &self.target.name }
    }

    fn get(&self, headers: &HeaderMap) -> Result<Response, Status> {
        let form = negotiate::form(headers, Answer::One)?;
        let object = self.resource.get(self.address(), &GetOptions::read(self.parameters)?)?;
        represent::object(StatusCode::OK, self.resource.definition(), &object, form, self.parameters)
    }

    fn list(&self, headers: &HeaderMap) -> Result<Response, Status> {
        let form = negotiate::form(headers, Answer::List)?;
        let options = ListOptions::read(self.parameters, self.resource.selectable_fields())?;
        let list = self.resource.list(self.address(), &options)?;
        represent::list(self.resource.definition(), list, form, self.parameters)
    }

    async fn create(&self, headers: &HeaderMap, body: Body) -> Result<Response, Status> {
        let form = negotiate::form(headers, Answer::One)?;
        negotiate::check_json_body(headers)?;
        let bytes = body::read(body).await?;
        let options = CreateOptions::read(self.parameters)?;
        let decoded = body::decode(&bytes).map_err(|error| self.undecodable(&error))?;
        let created =
            self.resource.create(self.address(), decoded.value, decoded.duplicates, &options).await?;
        let mut response = match created.object {
            CreatedObject::Stored(object) => represent::object(
                StatusCode::CREATED,
                self.resource.definition(),
                &object,
                form,
                self.parameters,
            )?,
            CreatedObject::DryRun(object) if form == Form::Object => {
                respond::json(StatusCode::CREATED, &object)
            }
            CreatedObject::DryRun(object) => {
                let object = self.resource.unstored(&object)?;
                represent::object(
                    StatusCode::CREATED,
                    self.resource.definition(),
                    &object,
                    form,
                    self.parameters,
                )?
            }
        };
        warn(&mut response, &created.warnings);
        Ok(response)
    }

    async fn delete(&self, headers: &HeaderMap, body: Body) -> Result<Response, Status> {
        negotiate::form(headers, Answer::One)?;
        let bytes = body::read(body).await?;
        let options = if bytes.is_empty() {
            None
        } else {
            negotiate::check_json_body(headers)?;
            Some(body::decode(&bytes).map_err(|error| Status::bad_request(error.to_string()))?.value)
        };
        let api_version = self.resource.definition().api_version();
        let options = DeleteOptions::read(self.parameters, options, &api_version)?;
        let deleted = self.resource.delete(self.address(), &options).await?;
        Ok(respond::json(StatusCode::OK, &deleted.0))
    }

    fn undecodable(&self, error: &serde_json::Error) -> Status {
        let definition = self.resource.definition();
        let (kind, version) = (&definition.kind, &definition.version);
        Status::bad_request(format!("{kind} in version {version:?} cannot be handled as a {kind}: {error}"))
    }
}
