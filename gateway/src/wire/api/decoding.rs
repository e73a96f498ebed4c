//! What the bodies of requests are read as.

use tributary_registry::{Duplicates, FieldValidation, Patch, Status, check_type_meta};
use tributary_schema::gotext;

use super::Call;
use crate::wire::body::{self, Decoded};
use crate::wire::negotiate::{BodyType, PatchType};
use crate::wire::yaml;

/// The value of a body.
pub(super) fn decode(kind: BodyType, bytes: &[u8]) -> Result<Decoded, String> {
    match kind {
        BodyType::Json => body::decode(bytes)
            .map_err(|error| format!("couldn't get version/kind; json parse error: {error}")),
        BodyType::Yaml => yaml::decode(bytes).map_err(|error| error.to_string()),
    }
}

/// The patch of a body. One that is none is refused when there is something to patch.
pub(super) fn patch_of(kind: PatchType, bytes: &[u8], validation: FieldValidation) -> (Patch, Duplicates) {
    let (read, repeated) = match body::decode_noting(bytes) {
        Ok((value, repeated)) => (Ok(value), repeated),
        Err(why) => (Err(why), Vec::new()),
    };
    match kind {
        PatchType::Merge => (Patch::merge(read, validation), Duplicates::of_json(&repeated)),
        PatchType::Json => {
            let unknown = read.as_ref().map(Patch::unknown_fields).unwrap_or_default();
            (Patch::json(read, validation), Duplicates::of_json_patch(&repeated, &unknown))
        }
    }
}

impl Call<'_> {
    /// The object of a body.
    pub(super) fn decoded(
        &self,
        kind: BodyType,
        bytes: &[u8],
        validation: FieldValidation,
    ) -> Result<Decoded, Status> {
        let unrecognized = |why: String| self.resource.unrecognized(&why, bytes);
        let decoded = decode(kind, bytes).map_err(unrecognized)?;
        match body::check_kind(&decoded.value, bytes) {
            Ok(()) => Ok(decoded),
            // Where fields are ignored the reference notices later that there is no kind, and says so in other words.
            Err(_) if validation == FieldValidation::Ignore && check_type_meta(&decoded.value).is_ok() => {
                let shown = match kind {
                    BodyType::Json => body::shown(bytes),
                    BodyType::Yaml => gotext::json(&decoded.value),
                };
                Err(self.resource.without_kind(&decoded.value, &shown))
            }
            Err(why) => Err(unrecognized(why)),
        }
    }

    /// The Scale of a body, which need not say that it is one.
    pub(super) fn decoded_scale(
        &self,
        kind: BodyType,
        bytes: &[u8],
        _: FieldValidation,
    ) -> Result<Decoded, Status> {
        let decoded = decode(kind, bytes).and_then(|decoded| {
            check_type_meta(&decoded.value)?;
            Ok(decoded)
        });
        decoded.map_err(|why| self.resource.unrecognized_scale(&why, bytes))
    }
}
