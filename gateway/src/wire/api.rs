//! Requests below `/apis/<group>/<version>/`: to a resource's verb, or to a raw endpoint.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use tributary_access::User;
use tributary_definition::Verb as Declared;
use tributary_registry::{
    Address, Change, DeleteOptions, Deleted, Duplicates, FieldValidation, GetOptions, ListOptions,
    Parameters, Part, Patch, Published, Resource, Status, Version, Viewer, WatchOptions, WriteOptions,
    Written, WrittenObject, check_type_meta,
};
use tributary_schema::gotext;

use super::body::Decoded;
use super::compress::{self, compressed};
use super::limits::InFlight;
use super::negotiate::{self, Accepted, Answer, BodyType, PatchType};
use super::request_info::{RequestInfo, ResourceInfo, Verb};
use super::respond::{self, Refusal, warn, warn_first};
use super::server::Server;
use super::viewer::Caller;
use super::{body, endpoints, index, represent, scale, watch, yaml};

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

fn decode(kind: BodyType, bytes: &[u8]) -> Result<Decoded, String> {
    match kind {
        BodyType::Json => body::decode(bytes)
            .map_err(|error| format!("couldn't get version/kind; json parse error: {error}")),
        BodyType::Yaml => yaml::decode(bytes).map_err(|error| error.to_string()),
    }
}

/// The patch of a body. One that is none is refused when there is something to patch.
fn patch_of(kind: PatchType, bytes: &[u8], validation: FieldValidation) -> (Patch, Duplicates) {
    let (read, repeated) = match body::decode_noting(bytes) {
        Ok((value, repeated)) => (Ok(value), repeated),
        Err(why) => (Err(why), Vec::new()),
    };
    match kind {
        PatchType::Merge => (Patch::merge(read, validation), Duplicates::of_json(&repeated)),
        PatchType::Json => {
            let unknown = read.as_ref().map(Patch::unknown_fields).unwrap_or_default();
            (Patch::json(read, validation), Duplicates::of_json_patch(&repeated, &unknown))
        }
    }
}

/// What of an object a request is about.
enum Subresource {
    None,
    Status,
    Scale,
}

/// What a PUT or PATCH asks for.
struct Requested {
    change: Change,
    duplicates: Duplicates,
    options: WriteOptions,
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
        self.check_name()?;
        self.check_verb()?;
        // Held until the answer is made: the body is the smallest of what is made of it.
        let _room = match body::most(&body) {
            0 => None,
            most => self.in_flight.body(most).await,
        };
        match self.part()? {
            Subresource::None => self.main(&headers, body).await,
            Subresource::Status => self.status(&headers, body).await,
            Subresource::Scale => self.scale(&headers, body).await,
        }
    }

    async fn main(&self, headers: &HeaderMap, body: Body) -> Result<Response, Status> {
        match self.target.verb {
            Verb::Get => self.get(headers).await,
            Verb::List => self.list(headers).await,
            Verb::Watch => self.watch(headers),
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

    async fn scale(&self, headers: &HeaderMap, body: Body) -> Result<Response, Status> {
        if self.target.verb == Verb::Patch {
            // It is looked at before all else.
            negotiate::patch_type(headers)?;
        }
        let accepted = negotiate::accepted(headers, self.parameters, Answer::One)?;
        let (scale, warnings) = match self.target.verb {
            Verb::Get => {
                (self.resource.get_scale(self.address(), &GetOptions::read(self.parameters)?)?, Vec::new())
            }
            Verb::Update => {
                let requested = self.replacement(headers, body, accepted, Call::decoded_scale).await?;
                self.change_scale(&requested).await?
            }
            Verb::Patch => {
                let kind = negotiate::patch_type(headers)?;
                self.change_scale(&self.patched(kind, body, accepted).await?).await?
            }
            _ => return Err(self.unsupported()),
        };
        let Some(declared) = &self.resource.definition().scale else {
            return Err(Status::no_such_resource());
        };
        let mut response = scale::scale(&declared.columns, &scale, accepted, self.parameters)?;
        warn(&mut response, &warnings);
        Ok(response)
    }

    async fn change_scale(&self, requested: &Requested) -> Result<(Value, Vec<String>), Status> {
        let Requested { change, duplicates, options } = requested;
        let written = self.resource.update_scale(self.address(), change, duplicates, options).await?;
        Ok((written.scale, written.warnings))
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

    async fn get(&self, headers: &HeaderMap) -> Result<Response, Status> {
        let accepted = self.accepted(headers, Answer::One)?;
        let options = GetOptions::read(self.parameters)?;
        let object = match &self.viewer {
            None => self.resource.get(self.address(), &options)?,
            Some(viewer) => self.resource.get_visible(self.address(), &options, &**viewer).await?,
        };
        self.object(StatusCode::OK, &object, accepted)
    }

    async fn list(&self, headers: &HeaderMap) -> Result<Response, Status> {
        let accepted = self.accepted(headers, Answer::List)?;
        let options = ListOptions::read(self.parameters, self.resource.selectable_fields())?;
        let list = match &self.viewer {
            None => self.resource.list(self.address(), &options)?,
            Some(viewer) => self.resource.list_visible(self.address(), &options, &**viewer).await?,
        };
        represent::list(self.resource.definition(), list, accepted, self.parameters)
    }

    fn watch(&self, headers: &HeaderMap) -> Result<Response, Status> {
        let accepted = self.accepted(headers, Answer::Stream);
        if accepted.is_err() {
            // What is no answer at all is told at once, what is none of a watch when it is to begin.
            self.accepted(headers, Answer::List)?;
        }
        let options = WatchOptions::read(&self.watched_parameters(), self.resource.selectable_fields())?;
        self.resource.check_ready()?;
        let writer = represent::Writer::new(accepted?.form, self.parameters)?;
        let address = Address { name: "", ..self.address() };
        let definition = self.resource.shared_definition();
        Ok(match &self.viewer {
            None => watch::serve(self.resource.watch(address, options), definition, writer),
            Some(viewer) => watch::serve(
                self.resource.watch_visible(address, options, viewer.clone()),
                definition,
                writer,
            ),
        })
    }

    /// A watch of one object is a watch of the collection for its name.
    fn watched_parameters(&self) -> Parameters {
        let mut parameters = self.parameters.clone();
        if !self.target.name.is_empty() {
            parameters
                .0
                .insert(0, ("fieldSelector".to_owned(), format!("metadata.name={}", self.target.name)));
        }
        parameters
    }

    async fn create(&self, headers: &HeaderMap, body: Body) -> Result<Response, Status> {
        let accepted = self.accepted(headers, Answer::One)?;
        let kind = negotiate::body_type(headers)?;
        let bytes = body::read(body).await?;
        let options = self.write_options("CreateOptions", accepted)?;
        let Decoded { value, duplicates } = self.decoded(kind, &bytes, options.field_validation)?;
        let written = self.resource.create(self.address(), value, &duplicates, &options).await?;
        self.written(StatusCode::CREATED, written, accepted)
    }

    async fn update(&self, part: Part, headers: &HeaderMap, body: Body) -> Result<Response, Status> {
        let accepted = self.accepted(headers, Answer::One)?;
        let requested = self.replacement(headers, body, accepted, Call::decoded).await?;
        self.change(part, &requested, accepted).await
    }

    async fn patch(&self, part: Part, headers: &HeaderMap, body: Body) -> Result<Response, Status> {
        let kind = negotiate::patch_type(headers)?;
        let accepted = self.accepted(headers, Answer::One)?;
        let requested = self.patched(kind, body, accepted).await?;
        self.change(part, &requested, accepted).await
    }

    async fn change(
        &self,
        part: Part,
        requested: &Requested,
        accepted: Accepted,
    ) -> Result<Response, Status> {
        let Requested { change, duplicates, options } = requested;
        let written = self.resource.update(self.address(), part, change, duplicates, options).await?;
        self.written(StatusCode::OK, written, accepted)
    }

    /// The change of a PUT, whose body `decode` reads.
    async fn replacement(
        &self,
        headers: &HeaderMap,
        body: Body,
        accepted: Accepted,
        decode: fn(&Self, BodyType, &[u8], FieldValidation) -> Result<Decoded, Status>,
    ) -> Result<Requested, Status> {
        let bytes = body::read(body).await?;
        let options = self.write_options("UpdateOptions", accepted)?;
        let kind = negotiate::body_type(headers)?;
        let Decoded { value, duplicates } = decode(self, kind, &bytes, options.field_validation)?;
        Ok(Requested { change: Change::Replace(value), duplicates, options })
    }

    /// The change of a PATCH.
    async fn patched(&self, kind: PatchType, body: Body, accepted: Accepted) -> Result<Requested, Status> {
        let bytes = body::read(body).await?;
        let options = self.write_options("PatchOptions", accepted)?;
        let (patch, duplicates) = patch_of(kind, &bytes, options.field_validation);
        Ok(Requested { change: Change::Patch(patch), duplicates, options })
    }

    /// The options of a write; one whose answer cannot be given is not done, but for what is said of it.
    fn write_options(&self, kind: &str, accepted: Accepted) -> Result<WriteOptions, Status> {
        let options = WriteOptions::read(self.parameters, kind)?;
        let answerable = accepted.check(self.parameters).is_ok();
        Ok(WriteOptions { dry_run: options.dry_run || !answerable, ..options })
    }

    /// The answer to a write.
    fn written(&self, code: StatusCode, written: Written, accepted: Accepted) -> Result<Response, Status> {
        let definition = self.resource.definition();
        let response = match &written.object {
            WrittenObject::Stored(object) => self.object(code, object, accepted),
            WrittenObject::NotStored(object) => self.resource.unstored(object).and_then(|version| {
                represent::unstored(code, definition, object, &version, accepted, self.parameters)
            }),
        };
        match response {
            Ok(mut response) => {
                warn(&mut response, &written.warnings);
                Ok(response)
            }
            Err(refusal) => Err(refusal.with_warnings(written.warnings)),
        }
    }

    fn object(&self, code: StatusCode, object: &Version, accepted: Accepted) -> Result<Response, Status> {
        represent::object(code, self.resource.definition(), object, accepted, self.parameters)
    }

    async fn delete(&self, headers: &HeaderMap, body: Body) -> Result<Response, Status> {
        let accepted = self.accepted(headers, Answer::One)?;
        let options = self.delete_options(headers, body).await?;
        if accepted.check(self.parameters).is_err() {
            let tried = DeleteOptions { dry_run: true, ..options.clone() };
            let deleted = self.resource.delete(self.address(), &tried).await?;
            accepted.check_options(self.parameters)?;
            // The object would be the answer; a Status has no form.
            if let Deleted::Marked(object) = deleted {
                return self.object(StatusCode::OK, &object, accepted);
            }
        }
        match self.resource.delete(self.address(), &options).await? {
            Deleted::Gone(status) => Ok(respond::encoded(StatusCode::OK, accepted.encoding, &status)),
            Deleted::Marked(object) => {
                let code = if options.accepts { StatusCode::ACCEPTED } else { StatusCode::OK };
                self.object(code, &object, accepted)
            }
        }
    }

    async fn delete_collection(&self, headers: &HeaderMap, body: Body) -> Result<Response, Status> {
        let accepted = self.accepted(headers, Answer::List)?;
        let selected = ListOptions::read(self.parameters, self.resource.selectable_fields())?;
        let options = self.delete_options(headers, body).await?;
        let dry_run = options.dry_run || accepted.check(self.parameters).is_err();
        let options = DeleteOptions { dry_run, ..options };
        let deleted = self.resource.delete_collection(self.address(), &selected, &options).await?;
        represent::list(self.resource.definition(), deleted, accepted, self.parameters)
    }

    /// From the body, where there is one, else from the query.
    async fn delete_options(&self, headers: &HeaderMap, body: Body) -> Result<DeleteOptions, Status> {
        let bytes = body::read(body).await?;
        let api_version = self.resource.definition().api_version();
        if bytes.is_empty() {
            return DeleteOptions::read(self.parameters, None, &api_version);
        }
        let decoded = decode(negotiate::body_type(headers)?, &bytes).map_err(Status::bad_request)?;
        check_type_meta(&decoded.value).map_err(Status::bad_request)?;
        DeleteOptions::read(self.parameters, Some(decoded.value), &api_version)
    }

    fn accepted(&self, headers: &HeaderMap, answer: Answer) -> Result<Accepted, Status> {
        negotiate::accepted(headers, self.parameters, answer)
    }

    /// The object of a body.
    fn decoded(&self, kind: BodyType, bytes: &[u8], validation: FieldValidation) -> Result<Decoded, Status> {
        let unrecognized = |why: String| self.resource.unrecognized(&why, bytes);
        let decoded = decode(kind, bytes).map_err(unrecognized)?;
        match body::check_kind(&decoded.value, bytes) {
            Ok(()) => Ok(decoded),
            // Where fields are ignored the reference notices later that there is no kind, and says so in other words.
            Err(_) if validation == FieldValidation::Ignore && check_type_meta(&decoded.value).is_ok() => {
                let shown = match kind {
                    BodyType::Json => body::shown(bytes),
                    BodyType::Yaml => gotext::json(&decoded.value),
                };
                Err(self.resource.without_kind(&decoded.value, &shown))
            }
            Err(why) => Err(unrecognized(why)),
        }
    }

    /// The Scale of a body, which need not say that it is one.
    fn decoded_scale(&self, kind: BodyType, bytes: &[u8], _: FieldValidation) -> Result<Decoded, Status> {
        let decoded = decode(kind, bytes).and_then(|decoded| {
            check_type_meta(&decoded.value)?;
            Ok(decoded)
        });
        decoded.map_err(|why| self.resource.unrecognized_scale(&why, bytes))
    }
}
