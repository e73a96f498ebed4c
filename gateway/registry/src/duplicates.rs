//! Fields that a request gives more than once.

use tributary_schema::gotext;

/// What a decoder noticed of them: the last value counts, and a strict client is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Duplicates {
    texts: Vec<String>,
    /// go-yaml tells them all in one error.
    in_one: bool,
}

impl Duplicates {
    /// Of JSON, by the paths of the fields.
    pub fn of_json(paths: &[String]) -> Self {
        let texts = paths.iter().map(|path| format!("duplicate field {}", gotext::quoted(path))).collect();
        Self { texts, in_one: false }
    }

    /// Of a JSON patch, of whose fields some are unknown.
    pub fn of_json_patch(paths: &[String], unknown: &[String]) -> Self {
        let duplicates =
            paths.iter().map(|path| format!("json patch duplicate field {}", gotext::quoted(path)));
        let unknown = unknown.iter().map(|path| format!("json patch unknown field {}", gotext::quoted(path)));
        Self { texts: duplicates.chain(unknown).collect(), in_one: false }
    }

    /// Of YAML, as go-yaml says it for each.
    pub fn of_yaml(texts: Vec<String>) -> Self {
        Self { texts, in_one: true }
    }

    /// To warn of, one by one.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    /// The errors of a strict decoder.
    pub(crate) fn errors(&self) -> Vec<String> {
        if self.in_one && !self.texts.is_empty() {
            return vec![format!("yaml: unmarshal errors:\n  {}", self.texts.join("\n  "))];
        }
        self.texts.clone()
    }
}
