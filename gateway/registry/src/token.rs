//! Continue tokens: opaque to clients, unpadded base64url of JSON as apiserver's `storage/continue.go` has it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use tributary_collection::Key;

use crate::status::{Reason, Status};

const VERSION: &str = "meta.k8s.io/v1";
/// The revision of a token that goes on from whatever is current.
const CURRENT: i64 = -1;

/// Where a list goes on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// The revision of the list; absent: the current one, after the list's own was forgotten.
    pub(crate) revision: Option<u64>,
    /// The first key of the page.
    pub(crate) start: Key,
}

#[derive(Serialize, Deserialize)]
struct Encoded<'a> {
    #[serde(borrow, default)]
    v: &'a str,
    #[serde(default)]
    rv: i64,
    #[serde(default)]
    start: String,
}

impl Token {
    pub(crate) fn encode(&self) -> String {
        let rv = self.revision.and_then(|revision| i64::try_from(revision).ok()).unwrap_or(CURRENT);
        let token = Encoded { v: VERSION, rv, start: self.start.as_str().to_owned() };
        // Strings and an integer always encode.
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&token).unwrap_or_default())
    }

    pub(crate) fn decode(text: &str) -> Result<Self, Status> {
        let refused = |why: &str| {
            Status::failure(
                Reason::BadRequest,
                format!("invalid continue token: continue key is not valid: {why}"),
            )
        };
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|error| refused(&error.to_string()))?;
        let token: Encoded<'_> =
            serde_json::from_slice(&bytes).map_err(|error| refused(&error.to_string()))?;
        if token.v != VERSION {
            return Err(refused(&format!("server does not recognize this encoded version {}", token.v)));
        }
        let revision = match token.rv {
            CURRENT => None,
            revision => Some(
                u64::try_from(revision).map_err(|_| refused("incorrect encoded start resourceVersion"))?,
            ),
        };
        Ok(Self { revision, start: Key::from_token(&token.start) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        for revision in [Some(7), None] {
            let token = Token { revision, start: Key::new("n", "a").after() };
            assert_eq!(Token::decode(&token.encode()), Ok(token));
        }
    }

    #[test]
    fn refuses_what_it_did_not_make() {
        for text in ["", "?", "e30", &URL_SAFE_NO_PAD.encode(r#"{"v":"x","rv":1,"start":"a"}"#)] {
            assert_eq!(Token::decode(text).unwrap_err().code(), 400, "{text}");
        }
    }
}
