//! `Status`: how an API server refuses (apimachinery `api/errors`).

use std::collections::HashSet;
use std::sync::Arc;

use serde::Serialize;
use tributary_schema::{field, gotext};

/// The most faults that one Status reports.
const ERRORS_MOST: usize = 256;

/// A `v1` Status object. [`Status::code`] is the HTTP status it is sent with.
#[derive(Clone, Debug, Serialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    kind: &'static str,
    api_version: &'static str,
    /// `continue` of an expired list; empty otherwise.
    pub metadata: ListMeta,
    status: &'static str,
    /// For people.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// For programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Box<Details>>,
    /// The HTTP status; absent in a success.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u16>,
    /// Texts for `Warning` headers: what was noticed before it was refused. Shared, as a Status is to stay small.
    #[serde(skip)]
    pub warnings: Arc<Vec<String>>,
}

/// The list metadata of a Status.
#[derive(Clone, Debug, Default, Serialize, PartialEq)]
pub struct ListMeta {
    /// Where an expired list can go on, inconsistently.
    #[serde(rename = "continue", skip_serializing_if = "String::is_empty")]
    pub next: String,
}

/// Machine readable details. `kind` is the plural of the resource, but the Kind where the object is invalid.
#[derive(Clone, Debug, Default, Serialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    /// The name of the object.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The group of the resource.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub group: String,
    /// The resource, or the Kind.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// The uid of the object.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub uid: String,
    /// One for each fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Cause>,
    /// Seconds after which another try makes sense; sent as Retry-After too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u32>,
}

/// One fault.
#[derive(Clone, Debug, Default, Serialize, PartialEq)]
pub struct Cause {
    /// Such as `FieldValueRequired`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// For people.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// The path of the field.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub field: String,
}

/// The reasons in use here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Reason {
    /// 400
    BadRequest,
    /// 401
    Unauthorized,
    /// 403
    Forbidden,
    /// 404
    NotFound,
    /// 405
    MethodNotAllowed,
    /// 406
    NotAcceptable,
    /// 409
    AlreadyExists,
    /// 409
    Conflict,
    /// 410
    Expired,
    /// 413
    RequestEntityTooLarge,
    /// 415
    UnsupportedMediaType,
    /// 422
    Invalid,
    /// 429
    TooManyRequests,
    /// 500
    InternalError,
    /// 503
    ServiceUnavailable,
    /// 504
    Timeout,
}

/// What a Status says of the object that it is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About<'a> {
    pub(crate) group: &'a str,
    /// The plural, or the Kind.
    pub(crate) kind: &'a str,
    pub(crate) name: &'a str,
}

// === impl Reason ===

impl Reason {
    fn code(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Unauthorized => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::NotAcceptable => 406,
            Self::AlreadyExists | Self::Conflict => 409,
            Self::Expired => 410,
            Self::RequestEntityTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::Invalid => 422,
            Self::TooManyRequests => 429,
            Self::InternalError => 500,
            Self::ServiceUnavailable => 503,
            Self::Timeout => 504,
        }
    }
}

// === impl Status ===

impl Status {
    /// A refusal for `reason`.
    pub fn failure(reason: Reason, message: impl Into<String>) -> Self {
        Self {
            kind: "Status",
            api_version: "v1",
            metadata: ListMeta::default(),
            status: "Failure",
            message: message.into(),
            reason: Some(reason),
            details: None,
            code: Some(reason.code()),
            warnings: Arc::default(),
        }
    }

    /// The answer to a deletion.
    pub(crate) fn success(details: Details) -> Self {
        Self {
            status: "Success",
            reason: None,
            code: None,
            details: Some(Box::new(details)),
            ..Self::failure(Reason::InternalError, "")
        }
    }

    /// 500 without a reason: an error that is no API status (`ErrorToAPIStatus`).
    pub fn unknown(message: impl Into<String>) -> Self {
        Self { reason: None, ..Self::failure(Reason::InternalError, message) }
    }

    /// 400.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::failure(Reason::BadRequest, message)
    }

    /// 404 for a path that names no resource.
    pub fn no_such_resource() -> Self {
        Self::failure(Reason::NotFound, "the server could not find the requested resource")
            .with(Details::default())
    }

    /// 405.
    pub fn method_not_allowed() -> Self {
        let text = "the server does not allow this method on the requested resource";
        Self::failure(Reason::MethodNotAllowed, text).with(Details::default())
    }

    /// 422 for options: `kind` is such as `ListOptions`.
    pub(crate) fn invalid_options(kind: &str, errors: &[field::Error]) -> Self {
        Self::invalid(About { group: "meta.k8s.io", kind, name: "" }, errors)
    }

    /// 422 with a cause for each error; in a list, each text once (`NewInvalid`).
    pub(crate) fn invalid(about: About<'_>, errors: &[field::Error]) -> Self {
        let shown = &errors[..errors.len().min(ERRORS_MOST)];
        let mut said = HashSet::new();
        let texts: Vec<String> =
            shown.iter().map(ToString::to_string).filter(|text| said.insert(text.clone())).collect();
        let list = match &texts[..] {
            [one] => one.clone(),
            many => format!("[{}]", many.join(", ")),
        };
        let causes = shown.iter().map(Cause::from).collect();
        let message = format!("{} is invalid: {list}", named(about));
        Self::failure(Reason::Invalid, message).with(Details { causes, ..Details::of(about) })
    }

    /// A refusal that names the object.
    pub(crate) fn of(reason: Reason, about: About<'_>, message: impl Into<String>) -> Self {
        Self::failure(reason, message).with(Details::of(about))
    }

    /// 404 for an object.
    pub(crate) fn not_found(about: About<'_>) -> Self {
        Self::of(Reason::NotFound, about, format!("{} not found", named(about)))
    }

    /// 409 for a name that is taken.
    pub(crate) fn already_exists(about: About<'_>) -> Self {
        Self::of(Reason::AlreadyExists, about, format!("{} already exists", named(about)))
    }

    /// 409 for a precondition or a lost race.
    pub(crate) fn conflict(about: About<'_>, why: &str) -> Self {
        let text = format!("Operation cannot be fulfilled on {}: {why}", named(about));
        Self::of(Reason::Conflict, about, text)
    }

    /// 403 by an admission rule.
    pub(crate) fn forbidden(about: About<'_>, why: &str) -> Self {
        Self::of(Reason::Forbidden, about, format!("{} is forbidden: {why}", named(about)))
    }

    /// The same with other details.
    #[must_use]
    pub fn with(mut self, details: Details) -> Self {
        self.details = Some(Box::new(details));
        self
    }

    /// The same with one more cause.
    #[must_use]
    pub(crate) fn with_cause(mut self, cause: Cause) -> Self {
        self.details.get_or_insert_default().causes.push(cause);
        self
    }

    /// The same, to be tried again after some seconds.
    #[must_use]
    pub fn with_retry_after(mut self, seconds: u32) -> Self {
        self.details.get_or_insert_default().retry_after_seconds = Some(seconds);
        self
    }

    /// The same with warnings.
    #[must_use]
    pub fn with_warnings(self, warnings: Vec<String>) -> Self {
        Self { warnings: Arc::new(warnings), ..self }
    }

    /// The HTTP status.
    pub fn code(&self) -> u16 {
        self.code.unwrap_or(200)
    }

    /// Seconds for Retry-After.
    pub fn retry_after(&self) -> Option<u32> {
        self.details.as_ref()?.retry_after_seconds
    }
}

impl Details {
    fn of(about: About<'_>) -> Self {
        Self {
            name: about.name.to_owned(),
            group: about.group.to_owned(),
            kind: about.kind.to_owned(),
            ..Self::default()
        }
    }
}

impl From<&field::Error> for Cause {
    fn from(error: &field::Error) -> Self {
        Self {
            reason: error.reason.as_str().to_owned(),
            message: error.message.clone(),
            field: error.field.clone(),
        }
    }
}

/// `things.example.com "a"`.
fn named(about: About<'_>) -> String {
    let name = gotext::quoted(about.name);
    match about.group {
        "" => format!("{} {name}", about.kind),
        group => format!("{}.{group} {name}", about.kind),
    }
}
