//! Continue tokens: opaque to clients, unpadded base64url of JSON as apiserver's `storage/continue.go` has it.

use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, NO_PAD};
use base64::{DecodeError, Engine, alphabet};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tributary_collection::Key;

use crate::mismatch;
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

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Encoded {
    v: String,
    rv: i64,
    start: String,
}

impl Token {
    pub(crate) fn encode(&self) -> String {
        let rv = self.revision.and_then(|revision| i64::try_from(revision).ok()).unwrap_or(CURRENT);
        let token = Encoded { v: VERSION.to_owned(), rv, start: self.start.as_str().to_owned() };
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
        let token = Encoded::read(&bytes).map_err(|why| refused(&why))?;
        if token.v != VERSION {
            return Err(refused(&format!("server does not recognize this encoded version {}", token.v)));
        }
        if token.rv == 0 {
            return Err(refused("incorrect encoded start resourceVersion (version meta.k8s.io/v1)"));
        }
        if token.start.is_empty() {
            return Err(refused("encoded start key empty (version meta.k8s.io/v1)"));
        }
        if !is_clean(&token.start) {
            return Err(refused(&token.start));
        }
        // Any revision below 0 is the current one.
        let revision = u64::try_from(token.rv).ok();
        Ok(Self { revision, start: Key::from_token(&token.start) })
    }
}

impl Encoded {
    /// The token of JSON; why it is none is told in the words of Go's decoder.
    fn read(bytes: &[u8]) -> Result<Self, String> {
        let value: Value = serde_json::from_slice(bytes).map_err(|error| match error.is_eof() {
            true => "unexpected end of JSON input".to_owned(),
            false => error.to_string(),
        })?;
        match value {
            Value::Null => Ok(Self::default()),
            Value::Object(mut fields) => {
                fields.retain(|_, value| !value.is_null());
                let value = Value::Object(fields);
                mismatch::read_token(&value)?;
                serde_json::from_value(value).map_err(|error| error.to_string())
            }
            other => {
                let kind = mismatch::kind(&other);
                Err(format!("json: cannot unmarshal {kind} into Go value of type storage.continueToken"))
            }
        }
    }
}

/// Whether a key is a path that leads nowhere but down, as Go's `path.Clean` leaves it.
fn is_clean(key: &str) -> bool {
    let key = key.strip_prefix('/').unwrap_or(key);
    key.split('/').all(|step| !["", ".", ".."].contains(&step))
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
            (BASE64.encode("{"), "unexpected end of JSON input"),
            (BASE64.encode("null"), "server does not recognize this encoded version "),
            (BASE64.encode("[]"), "json: cannot unmarshal array into Go value of type storage.continueToken"),
            (
                BASE64.encode(r#"{"v":null,"rv":"x"}"#),
                "json: cannot unmarshal string into Go struct field continueToken.rv of type int64",
            ),
            (BASE64.encode(r#"{"v":"meta.k8s.io/v1","rv":1,"start":"../a"}"#), "../a"),
            (BASE64.encode(r#"{"v":"meta.k8s.io/v1","rv":1,"start":"a//b"}"#), "a//b"),
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
