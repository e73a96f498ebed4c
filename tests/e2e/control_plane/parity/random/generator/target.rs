//! What a request is about.

/// What a request is about.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) version: &'static str,
    /// A placeholder's name, or none for zones.
    pub(super) namespace: Option<String>,
    pub(super) name: String,
}

impl Target {
    pub(super) fn collection(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("/apis/{{g}}/{}/namespaces/{{{namespace}}}/{{things}}", self.version),
            None => format!("/apis/{{g}}/{}/{{zones}}", self.version),
        }
    }

    pub(super) fn object(&self) -> String {
        format!("{}/{}", self.collection(), self.name)
    }

    /// As placeholders name it.
    pub(super) fn key(&self) -> String {
        format!("{}/{}", self.namespace.as_deref().unwrap_or_default(), self.name)
    }
}

/// Whether a path is that of the object `key`, or of its collection.
pub(super) fn about(path: &str, key: &str) -> bool {
    let collection = match key.split_once('/') {
        Some(("", _)) => "/{zones}".to_owned(),
        Some((namespace, _)) => format!("/namespaces/{{{namespace}}}/{{things}}"),
        None => return false,
    };
    let name = key.split_once('/').map_or("", |(_, name)| name);
    path.ends_with(&collection) || path.ends_with(&format!("{collection}/{name}"))
}
