//! A request as both groups are asked it: what only one of them can know stands as a placeholder in braces.
//!
//! | placeholder | what |
//! |---|---|
//! | `{g}` | the group |
//! | `{n}`, `{m}` | the namespaces, and whatever else the sides are given words for |
//! | `{rv}` | the resourceVersion that the object of the path has then |
//! | `{rv:n/a}`, `{uid:n/a}`, `{created:n/a}`, `{deleted:n/a}` | what was last seen of object `a` in namespace `{n}`; `{uid:/a}`: without one |
//! | `{rv@7}`, `{continue@7}` | from the metadata of the answer to request 7 |
//! | `{rv@last}`, `{continue@last}` | the same of the last answer that has metadata |
//! | `{long:9}` | nine times x |
//! | `{again}` | nothing: it makes a second field of the same name |

use http::Method;
use serde_json::Value;

/// The most of a body that is shown, in bytes.
const SHOWN: usize = 2_000;

/// One request.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Request {
    pub(super) method: Method,
    /// It may end in a query, encoded.
    pub(super) path: String,
    /// Further parameters, not encoded.
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Body,
}

/// What a request carries.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Body {
    Text(String),
    Json(Value),
    Yaml(Value),
    /// JSON, with spaces after it up to so many bytes.
    Padded(String, usize),
}

impl Request {
    pub(super) fn new(method: Method, path: impl Into<String>) -> Self {
        let body = Body::Text(String::new());
        Self { method, path: path.into(), query: Vec::new(), headers: Vec::new(), body }
    }

    pub(super) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    pub(super) fn parameter(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn json(mut self, content_type: &str, body: Value) -> Self {
        self.body = Body::Json(body);
        self.header("Content-Type", content_type)
    }

    /// The value of a header, empty without.
    pub(super) fn header_value(&self, name: &str) -> &str {
        self.headers.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }

    /// The value of a parameter, empty without.
    pub(super) fn parameter_value(&self, name: &str) -> &str {
        self.query.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }

    pub(super) fn is_watch(&self) -> bool {
        matches!(self.parameter_value("watch"), "1" | "true") || self.path.contains("watch=1")
    }

    /// Whether it is about the Scale of an object.
    pub(super) fn is_of_scale(&self) -> bool {
        self.path.split('?').next().is_some_and(|path| path.ends_with("/scale"))
    }

    /// Whether it may be asked again without any effect.
    pub(super) fn is_read(&self) -> bool {
        self.method == Method::GET
    }

    /// Path and query.
    pub(super) fn target(&self) -> String {
        let mut target = self.path.clone();
        for (name, value) in &self.query {
            target.push(if target.contains('?') { '&' } else { '?' });
            target.push_str(&format!("{}={}", encoded(name), encoded(value)));
        }
        target
    }

    pub(super) fn shown(&self) -> String {
        let mut body = self.body.text();
        if body.len() > SHOWN {
            let end = (0..=SHOWN).rev().find(|end| body.is_char_boundary(*end)).unwrap_or(0);
            body.truncate(end);
            body.push_str("...");
        }
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        format!("{} {} [{}] {body}", self.method, self.target(), headers.join("; "))
    }
}

impl Body {
    pub(super) fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Json(value) => value.to_string(),
            Self::Padded(text, _) => text.clone(),
            Self::Yaml(value) => {
                let mut text = String::new();
                yaml(value, 0, &mut text);
                text
            }
        }
    }
}

/// Replaces each placeholder that `word` knows.
pub(super) fn fill(text: &str, word: impl Fn(&str) -> Option<String>) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        filled.push_str(&rest[..start]);
        let inside = &rest[start + 1..];
        let end = inside.find('}').unwrap_or(0);
        match word(&inside[..end]) {
            Some(found) if end > 0 => {
                filled.push_str(&found);
                rest = &inside[end + 1..];
            }
            _ => {
                filled.push('{');
                rest = inside;
            }
        }
    }
    filled + rest
}

/// Percent encoding of everything that is not plain; placeholders stay.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~{}:@/=,!*()".contains(&byte);
    let encode = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(encode).collect()
}

/// Block style; texts as JSON writes them, which YAML reads as the same.
fn yaml(value: &Value, indent: usize, text: &mut String) {
    let margin = " ".repeat(indent);
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, value) in fields {
                text.push_str(&format!("\n{margin}{}:", Value::from(name.as_str())));
                yaml(value, indent + 2, text);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                text.push_str(&format!("\n{margin}-"));
                yaml(item, indent + 2, text);
            }
        }
        scalar => text.push_str(&format!(" {scalar}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_placeholders_are_filled() {
        let word = |name: &str| (name == "g").then(|| "group".to_owned());
        for (text, filled) in [
            ("/apis/{g}/v1", "/apis/group/v1"),
            (r#"{"a":{"b":"{g}"}}"#, r#"{"a":{"b":"group"}}"#),
            ("{other} {", "{other} {"),
            ("{}{g}", "{}group"),
        ] {
            assert_eq!(fill(text, word), filled);
        }
    }

    #[test]
    fn queries_and_yaml_are_written() {
        let request = Request::get("/a?b=c").parameter("d e", "{rv@1}&f");
        assert_eq!(request.target(), "/a?b=c&d%20e={rv@1}%26f");
        let value = serde_json::json!({"a": [1, {"b": []}], "c": {}, "d": "e\n"});
        assert_eq!(
            Body::Yaml(value).text(),
            "\n\"a\":\n  - 1\n  -\n    \"b\": []\n\"c\": {}\n\"d\": \"e\\n\""
        );
    }
}
