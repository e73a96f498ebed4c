//! Which form of an answer a client accepts (apiserver, `handlers/negotiation`).
//!
//! JSON and YAML are served, as themselves and in the forms that Kubernetes makes of any object: Table and
//! PartialObjectMetadata. Clauses that cannot be served are skipped: clients list what they would rather have
//! first, such as protobuf.

mod clause;
mod content_type;

use http::header::{ACCEPT, USER_AGENT};
use http::{HeaderMap, HeaderValue};
use tributary_registry::{Parameters, Reason, Status};

use clause::{Clause, clauses};

pub(crate) use content_type::{BodyType, PatchType, body_type, patch_type};

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
    /// The scale of one.
    Scale,
    List,
    /// A watch: of each event's object.
    Stream,
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
    ListOfScale,
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
            Some(Unfit::ListOfScale) => refused(
                "you requested PartialObjectMetadataList, but the requested object is not a list (*v1.Scale)",
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
        Self { accept: accept(headers).to_owned(), pretty }
    }

    /// The encoding of a refusal. One that is not acceptable in any is sent all the same, for people.
    pub(crate) fn of_refusal(&self) -> Encoding {
        self.accepted(|clause| Some((clause.plain()?, None)))
            .map_or(Encoding::Pretty, |accepted| accepted.encoding)
    }

    fn accepted(&self, form: impl Fn(&Clause<'_>) -> Option<(Form, Option<Unfit>)>) -> Option<Accepted> {
        let json = |pretty| if pretty { Encoding::Pretty } else { Encoding::Json };
        if self.accept.is_empty() {
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
    let clauses = clauses(accept);
    let wanted = |clause: &Clause<'_>| {
        clause.is_json()
            && clause.get("g") == Some("apidiscovery.k8s.io")
            && clause.get("v") == Some("v2")
            && clause.get("as") == Some("APIGroupDiscoveryList")
    };
    let plain = |clause: &Clause<'_>| clause.is_json() && clause.get("as").is_none();
    clauses.iter().find(|clause| wanted(clause) || plain(clause)).is_some_and(wanted)
}

/// The Accept header; of several the first counts.
fn accept(headers: &HeaderMap) -> &str {
    headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn not_acceptable(offered: &str) -> Status {
    let text = format!("only the following media types are accepted: {offered}");
    Status::failure(Reason::NotAcceptable, text)
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
            ("application/json;q=0", Answer::One, Some(Form::Object)),
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
