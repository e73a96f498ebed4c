//! Which form of an answer a client accepts (apiserver, `handlers/negotiation`).
//!
//! JSON is served, as itself and in the forms that Kubernetes makes of any object: Table and
//! PartialObjectMetadata. Clauses that cannot be served are skipped: clients list what they would rather have
//! first, such as protobuf.

use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_TYPE};
use tributary_registry::{Reason, Status};

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As stored.
    Object,
    /// `meta.k8s.io/v1` Table.
    Table,
    /// `meta.k8s.io/v1` PartialObjectMetadata, or its list.
    Metadata,
}

/// Whether one object or a list is asked for: PartialObjectMetadata has a name of its own for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    One,
    List,
    /// A watch: of each event's object.
    Stream,
}

/// One clause of an Accept header.
struct Clause<'a> {
    media_type: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
    quality: f32,
}

/// The form of an object or list that a request accepts.
pub(crate) fn form(headers: &HeaderMap, answer: Answer) -> Result<Form, Status> {
    let accept = accepted(headers);
    if accept.trim().is_empty() {
        return Ok(Form::Object);
    }
    clauses(&accept).iter().find_map(|clause| clause.form(answer)).ok_or_else(not_acceptable)
}

/// Whether plain JSON is accepted, by an answer that has no other form.
pub(crate) fn plain(headers: &HeaderMap) -> Result<(), Status> {
    let accept = accepted(headers);
    let plain = |clause: &Clause<'_>| clause.form(Answer::One) == Some(Form::Object);
    if accept.trim().is_empty() || clauses(&accept).iter().any(plain) {
        Ok(())
    } else {
        Err(not_acceptable())
    }
}

/// Whether a clause that comes before plain JSON asks for aggregated discovery v2.
pub(crate) fn aggregated_discovery(headers: &HeaderMap) -> bool {
    let accept = accepted(headers);
    let clauses = clauses(&accept);
    let wanted = |clause: &Clause<'_>| {
        clause.is_json()
            && clause.get("g") == Some("apidiscovery.k8s.io")
            && clause.get("v") == Some("v2")
            && clause.get("as") == Some("APIGroupDiscoveryList")
    };
    let plain = |clause: &Clause<'_>| clause.is_json() && clause.get("as").is_none();
    clauses.iter().find(|clause| wanted(clause) || plain(clause)).is_some_and(wanted)
}

/// How the body of a patch is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PatchType {
    Json,
    Merge,
}

/// The type of a patch. 415 for others: on it kubectl and the garbage collector fall back from a strategic merge.
pub(crate) fn patch_type(headers: &HeaderMap) -> Result<PatchType, Status> {
    match media_type(headers) {
        "application/json-patch+json" => Ok(PatchType::Json),
        "application/merge-patch+json" => Ok(PatchType::Merge),
        _ => Err(unsupported("application/json-patch+json, application/merge-patch+json")),
    }
}

fn media_type(headers: &HeaderMap) -> &str {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim()
}

fn unsupported(accepted: &str) -> Status {
    let text = "the body of the request was in an unknown format - accepted media types include:";
    Status::failure(Reason::UnsupportedMediaType, format!("{text} {accepted}"))
}

/// Whether the body of a request is JSON; 415 otherwise, on which clients rely to try something else.
pub(crate) fn check_json_body(headers: &HeaderMap) -> Result<(), Status> {
    let media_type = media_type(headers);
    if media_type.is_empty() || media_type.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(unsupported("application/json"))
}

/// The whole Accept header, which may come in pieces.
fn accepted(headers: &HeaderMap) -> String {
    let pieces: Vec<&str> = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    pieces.join(",")
}

fn not_acceptable() -> Status {
    Status::failure(Reason::NotAcceptable, "only the following media types are accepted: application/json")
}

/// The clauses by quality, those of one quality in their order.
fn clauses(accept: &str) -> Vec<Clause<'_>> {
    let mut clauses: Vec<_> = accept.split(',').filter_map(Clause::parse).collect();
    clauses.sort_by(|a, b| b.quality.total_cmp(&a.quality));
    clauses
}

// === impl Clause ===

impl<'a> Clause<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let media_type = parts.next().filter(|media_type| !media_type.is_empty())?;
        let parameters: Vec<_> = parts.filter_map(|part| part.split_once('=')).collect();
        let quality = parameters.iter().find(|(key, _)| *key == "q");
        let quality = quality.and_then(|(_, value)| value.parse().ok()).unwrap_or(1.0);
        (quality > 0.0).then_some(Self { media_type, parameters, quality })
    }

    fn is_json(&self) -> bool {
        ["application/json", "application/*", "*/*"]
            .iter()
            .any(|known| self.media_type.eq_ignore_ascii_case(known))
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.parameters.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
    }

    /// The form that this clause asks for, if it can be served.
    fn form(&self, answer: Answer) -> Option<Form> {
        let stream = self.get("stream").is_none_or(|stream| stream == "watch" && answer == Answer::Stream);
        if !self.is_json() || !stream {
            return None;
        }
        let Some(kind) = self.get("as") else { return Some(Form::Object) };
        if self.get("g") != Some("meta.k8s.io") || self.get("v") != Some("v1") {
            return None;
        }
        match (kind, answer) {
            ("Table", _) => Some(Form::Table),
            ("PartialObjectMetadata", Answer::One | Answer::Stream)
            | ("PartialObjectMetadataList", Answer::List) => Some(Form::Metadata),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(accept: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if !accept.is_empty() {
            headers.insert(ACCEPT, accept.parse().unwrap());
        }
        headers
    }

    #[test]
    fn forms() {
        let table = "application/json;as=Table;v=v1;g=meta.k8s.io";
        let kubectl = format!("{table},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json");
        let partial = "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
        for (accept, answer, expected) in [
            ("", Answer::One, Some(Form::Object)),
            ("*/*", Answer::One, Some(Form::Object)),
            ("application/*", Answer::List, Some(Form::Object)),
            ("application/json", Answer::List, Some(Form::Object)),
            ("application/json; charset=utf-8", Answer::List, Some(Form::Object)),
            ("application/vnd.kubernetes.protobuf,application/json", Answer::List, Some(Form::Object)),
            ("application/vnd.kubernetes.protobuf", Answer::List, None),
            ("application/yaml", Answer::One, None),
            ("text/html", Answer::One, None),
            ("application/json;q=0", Answer::One, None),
            (&kubectl, Answer::List, Some(Form::Table)),
            (&kubectl, Answer::One, Some(Form::Table)),
            (partial, Answer::One, Some(Form::Metadata)),
            (partial, Answer::List, None),
            (
                "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
                Answer::List,
                Some(Form::Metadata),
            ),
            ("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", Answer::One, None),
            ("application/json;as=Table;v=v1beta1;g=meta.k8s.io", Answer::One, None),
            ("application/json;as=Scale;v=v1;g=autoscaling", Answer::One, None),
            (
                "application/json;q=0.5,application/json;as=Table;v=v1;g=meta.k8s.io",
                Answer::One,
                Some(Form::Table),
            ),
        ] {
            assert_eq!(form(&headers(accept), answer).ok(), expected, "{accept} {answer:?}");
        }
    }

    #[test]
    fn discovery() {
        let v2 = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
        let beta = "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList";
        for (accept, expected) in [
            (format!("{v2},{beta}"), true),
            (format!("{v2},application/json"), true),
            (format!("{v2};profile=nopeer,application/json"), true),
            (format!("application/json,{v2}"), false),
            (beta.to_owned(), false),
            ("*/*".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(aggregated_discovery(&headers(&accept)), expected, "{accept}");
        }
    }
}
