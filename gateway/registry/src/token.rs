//! Continue tokens: opaque to clients, unpadded base64url of JSON as apiserver's `storage/continue.go` has it.

use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, NO_PAD};
use base64::{DecodeError, Engine, alphabet};
use serde::{Deserialize, Serialize};
use tributary_collection::Key;

use crate::status::{Reason, Status};

const VERSION: &str = "meta.k8s.io/v1";
/// The revision of a token that goes on from whatever is current.
const CURRENT: i64 = -1;

/// As Go's `base64.RawURLEncoding`: bits that are left over may be anything.
const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);
const LENIENT: GeneralPurposeConfig = NO_PAD.with_decode_allow_trailing_bits(true);

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
        BASE64.encode(serde_json::to_vec(&token).unwrap_or_default())
    }

    pub(crate) fn decode(text: &str) -> Result<Self, Status> {
        let refused = |why: &str| {
            Status::failure(
                Reason::BadRequest,
                format!("invalid continue token: continue key is not valid: {why}"),
            )
        };
        let bytes = BASE64.decode(text).map_err(|error| refused(&illegal(text, &error)))?;
        let token: Encoded<'_> =
            serde_json::from_slice(&bytes).map_err(|error| refused(&error.to_string()))?;
        if token.v != VERSION {
            return Err(refused(&format!("server does not recognize this encoded version {}", token.v)));
        }
        if token.rv == 0 {
            return Err(refused("incorrect encoded start resourceVersion (version meta.k8s.io/v1)"));
        }
        if token.start.is_empty() {
            return Err(refused("encoded start key empty (version meta.k8s.io/v1)"));
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

/// Go's text for what is no base64.
fn illegal(text: &str, error: &DecodeError) -> String {
    let place = match error {
        DecodeError::InvalidByte(place, _) | DecodeError::InvalidLastSymbol(place, _) => *place,
        // A single letter is left over.
        DecodeError::InvalidLength(_) | DecodeError::InvalidPadding => text.len().saturating_sub(1),
    };
    format!("illegal base64 data at input byte {place}")
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
        for text in ["", "?", "e30", &BASE64.encode(r#"{"v":"x","rv":1,"start":"a"}"#)] {
            assert_eq!(Token::decode(text).unwrap_err().code(), 400, "{text}");
        }
        for (text, why) in [
            ("%%".to_owned(), "illegal base64 data at input byte 0"),
            ("e30e3".to_owned(), "illegal base64 data at input byte 4"),
            (
                BASE64.encode(r#"{"v":"meta.k8s.io/v1","rv":1}"#),
                "encoded start key empty (version meta.k8s.io/v1)",
            ),
            (
                BASE64.encode(r#"{"v":"meta.k8s.io/v1","start":"a"}"#),
                "incorrect encoded start resourceVersion (version meta.k8s.io/v1)",
            ),
        ] {
            let told = Token::decode(&text).unwrap_err().message;
            assert_eq!(told, format!("invalid continue token: continue key is not valid: {why}"));
        }
    }
}
