//! What the body of a request is said to be.

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use tributary_registry::{Reason, Status};

use super::OBJECTS;

/// How the body of a patch is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PatchType {
    Json,
    Merge,
}

/// The type of a patch. 415 for others: on it kubectl and the garbage collector fall back from a strategic merge.
pub(crate) fn patch_type(headers: &HeaderMap) -> Result<PatchType, Status> {
    let value = content_type(headers);
    let end = value.find(';').filter(|end| *end > 0).unwrap_or(value.len());
    match &value[..end] {
        "application/json-patch+json" => Ok(PatchType::Json),
        "application/merge-patch+json" => Ok(PatchType::Merge),
        _ => Err(unsupported("application/json-patch+json, application/merge-patch+json")),
    }
}

fn content_type(headers: &HeaderMap) -> &str {
    headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
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
    let value = content_type(headers);
    if value.is_empty() {
        return Ok(BodyType::Json);
    }
    match media_type(value).map(str::to_ascii_lowercase).as_deref() {
        Some("application/json") => Ok(BodyType::Json),
        Some("application/yaml") => Ok(BodyType::Yaml),
        _ => Err(unsupported(OBJECTS)),
    }
}

/// The media type without its parameters, which have to be sound as well (Go's `mime.ParseMediaType`).
fn media_type(value: &str) -> Option<&str> {
    let (media_type, mut rest) = value.split_at(value.find(';').unwrap_or(value.len()));
    let mut names: Vec<String> = Vec::new();
    loop {
        rest = rest.trim_start();
        // A semicolon at the end is passed over.
        if ["", ";"].contains(&rest.trim_end()) {
            break;
        }
        let (name, after) = parameter(rest)?;
        let name = name.to_ascii_lowercase();
        if names.contains(&name) {
            return None;
        }
        names.push(name);
        rest = after;
    }
    let media_type = media_type.trim();
    (!media_type.is_empty()).then_some(media_type)
}

/// The name of the first parameter, and what follows it.
fn parameter(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix(';')?.trim_start();
    let (name, rest) = token(text)?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let rest = match rest.strip_prefix('"') {
        Some(quoted) => after_quoted(quoted)?,
        None => token(rest)?.1,
    };
    Some((name, rest))
}

/// What follows a quoted text, whose opening quote is gone.
fn after_quoted(text: &str) -> Option<&str> {
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            '"' if !escaped => return Some(&text[at + 1..]),
            '\r' | '\n' => return None,
            _ => escaped = character == '\\' && !escaped,
        }
    }
    None
}

/// A token of RFC 2045, and what follows it.
fn token(text: &str) -> Option<(&str, &str)> {
    let special = |character: char| !character.is_ascii_graphic() || "()<>@,;:\\\"/[]?=".contains(character);
    let end = text.find(special).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_of_media_types() {
        for (value, expected) in [
            ("application/json", Some("application/json")),
            (" application/json ; charset=utf-8", Some("application/json")),
            ("application/json;", Some("application/json")),
            ("application/json ; ", Some("application/json")),
            ("application/json;;", None),
            (r#"application/json; a="b;\"c" ; d=e;"#, Some("application/json")),
            (r#"application/json; a="b"#, None),
            ("application/json; a=b; A=c", None),
            ("application/json; a", None),
            ("application/json; a=", None),
            ("application/json; a=b c", None),
            ("application/json; =b", None),
            (";", None),
            (" ; a=b", None),
        ] {
            assert_eq!(media_type(value), expected, "{value}");
        }
    }

    #[test]
    fn types_of_patches() {
        for (value, expected) in [
            ("application/merge-patch+json", Some(PatchType::Merge)),
            ("application/json-patch+json;x", Some(PatchType::Json)),
            ("application/merge-patch+json ;x", None),
            ("Application/merge-patch+json", None),
            (";application/merge-patch+json", None),
            ("", None),
        ] {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, value.parse().unwrap())]);
            assert_eq!(patch_type(&headers).ok(), expected, "{value}");
        }
    }
}
