//! Query parameters, converted as apimachinery's `runtime/conversion.go` does.

use tributary_expr::gotext;

use crate::status::Status;

/// Query parameters, decoded, in the order of the request.
#[derive(Clone, Debug, Default)]
pub struct Parameters(pub Vec<(String, String)>);

impl Parameters {
    /// The first value of a parameter; an empty one counts as absent, which it does for texts.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.first(name).filter(|value| !value.is_empty())
    }

    /// The first value of a parameter, which may be empty.
    pub(super) fn first(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
    }

    /// Whether a request for a collection asks for a watch (`RequestInfo`).
    pub fn watch(&self) -> bool {
        self.boolean("watch") == Some(true)
    }

    /// An integer, as `strconv.ParseInt` reads it: an empty text is none.
    pub(super) fn integer(&self, name: &str) -> Result<Option<i64>, Status> {
        let Some(text) = self.first(name) else { return Ok(None) };
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        let number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let why = if number { "value out of range" } else { "invalid syntax" };
        let refused =
            || Status::bad_request(format!("strconv.ParseInt: parsing {}: {why}", gotext::quoted(text)));
        text.parse().map(Some).map_err(|_| refused())
    }

    /// Whatever is neither `0` nor `false` is true, an empty text as well.
    pub(super) fn boolean(&self, name: &str) -> Option<bool> {
        self.first(name).map(|text| text != "0" && !text.eq_ignore_ascii_case("false"))
    }

    /// `resourceVersion`; none where there is none, or it is 0, which any satisfies.
    pub(super) fn revision(&self) -> Result<Option<u64>, Status> {
        let Some(text) = self.get("resourceVersion") else { return Ok(None) };
        match text.parse() {
            Ok(0) => Ok(None),
            Ok(revision) => Ok(Some(revision)),
            Err(_) => {
                let quoted = gotext::quoted(text);
                let number = text.bytes().all(|byte| byte.is_ascii_digit());
                let why = if number { "value out of range" } else { "invalid syntax" };
                Err(Status::bad_request(format!(
                    "invalid resource version: resourceVersion: Invalid value: {quoted}: strconv.ParseUint: parsing {quoted}: {why}"
                )))
            }
        }
    }
}
