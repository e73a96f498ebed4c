//! Raw endpoints: paths of the group that are answered without objects.

use std::collections::BTreeSet;

use bytes::Bytes;
use serde_json::{Value, json};
use tributary_crds::{EndpointKind, StaticEndpoint};
use tributary_schema::field::{Error, Path};
use tributary_schema::names;

use crate::names::complaint;
use crate::resource::{RESERVED, duplicates};
use crate::{Verb, limits};

pub use tributary_crds::HttpMethod;

/// The kind under which discovery lists raw endpoints.
pub(crate) const RAW_ENDPOINT: &str = "RawEndpoint";

/// The media type that kube-apiserver's proxy parses and rewrites.
const REWRITTEN: &str = "text/html";

/// A raw endpoint, ready to be served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The version in whose path it lies.
    pub version: String,
    /// The path below `/apis/<group>/<version>/`: segments of unreserved characters, no slash at either end.
    pub path: String,
    /// Whether every path below it is answered too.
    pub subpaths: bool,
    /// The methods that are answered; HEAD wherever GET is.
    pub methods: BTreeSet<HttpMethod>,
    /// The answer.
    pub response: StaticResponse,
}

/// An answer that never changes; its status is 200.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticResponse {
    /// A valid value of the header Content-Type, never text/html.
    pub content_type: String,
    /// The body, as declared.
    pub body: Bytes,
}

// === impl Endpoint ===

impl Endpoint {
    /// The first segment of the path: what kube-apiserver, RBAC and discovery take for the name of a resource.
    #[must_use]
    pub fn first_segment(&self) -> &str {
        self.path.split('/').next().unwrap_or_default()
    }

    /// The verbs under which discovery lists the endpoint.
    ///
    /// GET is always `get`, never `list`, although kube-apiserver authorizes a GET of a one-segment path as list: tools
    /// that list all that has the verb `list` (`kubectl api-resources --verbs=list -o name`, backups) would stumble
    /// over an answer that is not a list.
    #[must_use]
    pub fn verbs(&self) -> BTreeSet<Verb> {
        self.methods.iter().map(|&method| verb(method)).collect()
    }
}

fn verb(method: HttpMethod) -> Verb {
    match method {
        HttpMethod::Get | HttpMethod::Head => Verb::Get,
        HttpMethod::Post => Verb::Create,
        HttpMethod::Put => Verb::Update,
        HttpMethod::Patch => Verb::Patch,
        HttpMethod::Delete => Verb::Delete,
    }
}

/// Compiles the endpoint declared at `at`. None if it has errors.
pub(crate) fn compile(
    declared: &tributary_crds::Endpoint,
    at: &Path,
    errors: &mut Vec<Error>,
) -> Option<Endpoint> {
    let before = errors.len();
    if let Some(complaint) = complaint(names::dns_1035_label(&declared.version)) {
        let value = Value::from(declared.version.as_str());
        errors.push(Error::invalid(&at.child("version"), &value, complaint));
    }
    if let Some(complaint) = path_complaint(&declared.path) {
        errors.push(Error::invalid(&at.child("path"), &Value::from(declared.path.as_str()), complaint));
    }
    let methods = methods(declared, &at.child("methods"), errors);
    let response = response(declared, at, errors);
    if errors.len() > before {
        return None;
    }
    Some(Endpoint {
        version: declared.version.clone(),
        path: declared.path.clone(),
        subpaths: declared.subpaths,
        methods,
        response: response?,
    })
}

/// What is wrong with a path. Percent-encoding and dot segments are out, so that a path has one spelling.
fn path_complaint(path: &str) -> Option<String> {
    if path.len() > limits::PATH {
        return Some(format!("must be no more than {} bytes", limits::PATH));
    }
    let mut segments = path.split('/');
    let first = segments.next().unwrap_or_default();
    if RESERVED.contains(&first) {
        return Some(format!("must not begin with {}: these are words of the path", RESERVED.join(", ")));
    }
    if let Some(complaint) = complaint(names::dns_label(first)) {
        return Some(format!("the first segment is not a DNS label: {complaint}"));
    }
    let unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    let fits = |s: &str| !matches!(s, "" | "." | "..") && s.chars().all(unreserved);
    (!segments.all(fits)).then(|| {
        "each segment consists of letters, digits, '-', '.', '_' or '~', and is neither empty nor '.' nor '..'"
            .to_owned()
    })
}

fn methods(declared: &tributary_crds::Endpoint, at: &Path, errors: &mut Vec<Error>) -> BTreeSet<HttpMethod> {
    if declared.methods.is_empty() {
        errors.push(Error::required(at, "must have at least one method"));
    }
    duplicates(at, declared.methods.iter().map(|m| m.as_str()), errors);
    let mut methods: BTreeSet<_> = declared.methods.iter().copied().collect();
    if methods.contains(&HttpMethod::Get) {
        methods.insert(HttpMethod::Head);
    }
    methods
}

fn response(
    declared: &tributary_crds::Endpoint,
    at: &Path,
    errors: &mut Vec<Error>,
) -> Option<StaticResponse> {
    let unsupported = match declared.kind() {
        Ok(EndpointKind::Static(answer)) => return static_response(answer, &at.child("static"), errors),
        Ok(EndpointKind::Template(_)) => "template",
        Ok(EndpointKind::Proxy(_)) => "proxy",
        Err(union) => {
            errors.push(Error::invalid(at, &json!(union.set), union));
            return None;
        }
    };
    let detail = format!("endpoint {unsupported} is not supported by this version");
    errors.push(Error::forbidden(&at.child(unsupported), detail));
    None
}

fn static_response(answer: &StaticEndpoint, at: &Path, errors: &mut Vec<Error>) -> Option<StaticResponse> {
    let before = errors.len();
    if let Some(complaint) = media_type_complaint(&answer.content_type) {
        let value = Value::from(answer.content_type.as_str());
        errors.push(Error::invalid(&at.child("contentType"), &value, complaint));
    }
    if answer.body.len() > limits::BODY {
        errors.push(Error::too_long(&at.child("body"), limits::BODY as i64));
    }
    (errors.len() == before).then(|| StaticResponse {
        content_type: answer.content_type.clone(),
        body: Bytes::copy_from_slice(answer.body.as_bytes()),
    })
}

/// What is wrong with a media type: `type/subtype` of RFC 9110 tokens, then printable parameters.
fn media_type_complaint(content_type: &str) -> Option<&'static str> {
    if content_type.len() > limits::CONTENT_TYPE {
        return Some("must be no more than 256 bytes");
    }
    if !content_type.chars().all(|c| c == ' ' || c.is_ascii_graphic()) {
        return Some("must consist of printable ASCII characters, as a header does");
    }
    let token = |s: &str| !s.is_empty() && s.chars().all(is_token);
    let essence = content_type.split(';').next().unwrap_or_default().trim_end();
    if !essence.split_once('/').is_some_and(|(kind, sub)| token(kind) && token(sub)) {
        return Some("must be a media type, like text/plain");
    }
    essence
        .eq_ignore_ascii_case(REWRITTEN)
        .then_some("kube-apiserver rewrites text/html on its way to the client: use another media type")
}

fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}
