//! Which form of an answer a client accepts (apiserver, `handlers/negotiation`).
//!
//! JSON and YAML are served, as themselves and in the forms that Kubernetes makes of any object: Table and
//! PartialObjectMetadata. Clauses that cannot be served are skipped: clients list what they would rather have
//! first, such as protobuf.

use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue};
use tributary_registry::{Parameters, Reason, Status};

use super::encoding::Encoding;
use super::represent::include;

/// The media types of objects, as refusals list them.
const OBJECTS: &str = "application/json, application/yaml";
/// What the User-Agent of those begins with whose answers people read.
const PEOPLE: [&str; 3] = ["curl", "Wget", "Mozilla/5.0"];

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

/// What a request accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    pub(crate) form: Form,
    pub(crate) encoding: Encoding,
    /// Whether what is answered cannot have this form: told where there is an answer.
    unfit: Option<Unfit>,
}

/// PartialObjectMetadata of a list, or the other way around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unfit {
    OneOfList,
    ListOfOne,
}

/// What of a request decides how it is answered, kept until there is an answer.
pub(crate) struct Preferences {
    accept: String,
    /// `pretty`, or a client that people read from; a clause of Accept can ask for it, too.
    pretty: bool,
}

/// The form and encoding in which a request accepts an object or list.
pub(crate) fn accepted(
    headers: &HeaderMap,
    parameters: &Parameters,
    answer: Answer,
) -> Result<Accepted, Status> {
    let found = Preferences::of(headers, parameters).accepted(|clause| clause.form(answer));
    match found {
        Some(Accepted { encoding: Encoding::Yaml, .. }) if answer == Answer::Stream => {
            Err(not_acceptable("application/json;stream=watch"))
        }
        Some(found) => Ok(found),
        None => Err(not_acceptable(OBJECTS)),
    }
}

impl Accepted {
    /// Whether an answer can have this form, which a custom resource notices when it has one. A request that changes
    /// something is to be refused for it before it does.
    pub(crate) fn check(&self, parameters: &Parameters) -> Result<(), Status> {
        let refused = |text: &str| Err(Status::failure(Reason::NotAcceptable, text));
        match self.unfit {
            Some(Unfit::OneOfList) => refused(
                "you requested PartialObjectMetadata, but the requested object is a list (*unstructured.UnstructuredList)",
            ),
            Some(Unfit::ListOfOne) => refused(
                "you requested PartialObjectMetadataList, but the requested object is not a list (*unstructured.Unstructured)",
            ),
            None => self.check_options(parameters),
        }
    }

    /// Whether the options of the form are sound.
    pub(crate) fn check_options(&self, parameters: &Parameters) -> Result<(), Status> {
        if self.form == Form::Table { include(parameters).map(drop) } else { Ok(()) }
    }
}

impl Preferences {
    /// Those of a request.
    pub(crate) fn of(headers: &HeaderMap, parameters: &Parameters) -> Self {
        let pretty = match parameters.get("pretty") {
            Some(asked) => matches!(asked, "1" | "t" | "T" | "TRUE" | "true" | "True"),
            None => {
                let agent = headers.get(USER_AGENT).map(HeaderValue::as_bytes).unwrap_or_default();
                PEOPLE.iter().any(|people| agent.starts_with(people.as_bytes()))
            }
        };
        Self { accept: accept(headers), pretty }
    }

    /// The encoding of a refusal. One that is not acceptable in any is sent all the same, for people.
    pub(crate) fn of_refusal(&self) -> Encoding {
        self.accepted(|clause| Some((clause.plain()?, None)))
            .map_or(Encoding::Pretty, |accepted| accepted.encoding)
    }

    fn accepted(&self, form: impl Fn(&Clause<'_>) -> Option<(Form, Option<Unfit>)>) -> Option<Accepted> {
        let json = |pretty| if pretty { Encoding::Pretty } else { Encoding::Json };
        if self.accept.trim().is_empty() {
            return Some(Accepted { form: Form::Object, encoding: json(self.pretty), unfit: None });
        }
        clauses(&self.accept).iter().find_map(|clause| {
            let encoding = match (clause.is_json(), clause.is_yaml()) {
                (true, _) => json(self.pretty || clause.get("pretty") == Some("1")),
                (false, true) => Encoding::Yaml,
                (false, false) => return None,
            };
            let (form, unfit) = form(clause)?;
            Some(Accepted { form, encoding, unfit })
        })
    }
}

/// Whether a clause that comes before plain JSON asks for aggregated discovery v2.
pub(crate) fn aggregated_discovery(headers: &HeaderMap) -> bool {
    let accept = accept(headers);
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

/// How the body of a request is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyType {
    Json,
    Yaml,
}

/// The type of a body; 415 for what cannot be read, on which clients rely to try something else.
pub(crate) fn body_type(headers: &HeaderMap) -> Result<BodyType, Status> {
    if !headers.contains_key(CONTENT_TYPE) {
        return Ok(BodyType::Json);
    }
    let media_type = media_type(headers);
    if media_type.is_empty() || media_type.eq_ignore_ascii_case("application/json") {
        return Ok(BodyType::Json);
    }
    if media_type.eq_ignore_ascii_case("application/yaml") {
        return Ok(BodyType::Yaml);
    }
    Err(unsupported(OBJECTS))
}

/// The whole Accept header, which may come in pieces.
fn accept(headers: &HeaderMap) -> String {
    let pieces: Vec<&str> = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    pieces.join(",")
}

fn not_acceptable(offered: &str) -> Status {
    let text = format!("only the following media types are accepted: {offered}");
    Status::failure(Reason::NotAcceptable, text)
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

    fn is_yaml(&self) -> bool {
        self.media_type.eq_ignore_ascii_case("application/yaml")
    }

    /// Whether the answer is to be made into something else.
    fn transforms(&self) -> bool {
        ["as", "g", "v"].iter().any(|name| self.get(name).is_some())
    }

    /// The object itself, if no other form is asked for.
    fn plain(&self) -> Option<Form> {
        let stream = self.get("stream").is_none_or(|stream| stream == "watch" && self.is_json());
        let version = self.get("sv").is_none_or(str::is_empty);
        (stream && version && !self.transforms()).then_some(Form::Object)
    }

    /// The form that this clause asks for, if it is one that is served.
    fn form(&self, answer: Answer) -> Option<(Form, Option<Unfit>)> {
        if !self.transforms() {
            return Some((self.plain()?, None));
        }
        if self.get("g") != Some("meta.k8s.io") || self.get("v") != Some("v1") {
            return None;
        }
        match (self.get("as")?, answer) {
            ("Table", _) => Some((Form::Table, None)),
            ("PartialObjectMetadata", Answer::List) => Some((Form::Metadata, Some(Unfit::OneOfList))),
            ("PartialObjectMetadataList", Answer::One) => Some((Form::Metadata, Some(Unfit::ListOfOne))),
            ("PartialObjectMetadata" | "PartialObjectMetadataList", _) => Some((Form::Metadata, None)),
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
            ("application/yaml", Answer::One, Some(Form::Object)),
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
            let found = accepted(&headers(accept), &Parameters::default(), answer);
            let found = found.ok().filter(|found| found.check(&Parameters::default()).is_ok());
            assert_eq!(found.map(|found| found.form), expected, "{accept} {answer:?}");
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
