//! How an answer is written: as JSON, as JSON for people, or as YAML.

use bytes::Bytes;
use http::HeaderValue;
use serde_json::Value;

use super::pretty::Pretty;
use super::yaml;

/// The encoding of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Json,
    /// JSON for people.
    Pretty,
    Yaml,
}

impl Encoding {
    /// The Content-Type.
    pub(crate) fn media_type(self) -> HeaderValue {
        match self {
            Self::Json | Self::Pretty => HeaderValue::from_static("application/json"),
            Self::Yaml => HeaderValue::from_static("application/yaml"),
        }
    }

    /// A whole body from its JSON.
    pub(crate) fn encode(self, json: Bytes) -> Bytes {
        match self {
            Self::Json => json,
            Self::Pretty => Pretty::all(&json).into(),
            // What is stored or was made here is JSON.
            Self::Yaml => {
                serde_json::from_slice::<Value>(&json).map_or(json, |value| yaml::encode(&value).into())
            }
        }
    }
}
