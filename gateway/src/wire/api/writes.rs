//! create, update and patch.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use tributary_registry::{
    Change, Duplicates, FieldValidation, Part, Status, WriteOptions, Written, WrittenObject,
};

use super::Call;
use super::decoding::patch_of;
use crate::wire::body::{self, Decoded};
use crate::wire::negotiate::{self, Accepted, Answer, BodyType, PatchType};
use crate::wire::respond::warn;
use crate::wire::value;

/// What a PUT or PATCH asks for.
pub(super) struct Requested {
    pub(super) change: Change,
    pub(super) duplicates: Duplicates,
    pub(super) options: WriteOptions,
}

impl Call<'_> {
    pub(super) async fn create(&self, headers: &HeaderMap, body: Body) -> Result<Response, Status> {
        let accepted = self.accepted(headers, Answer::One)?;
        let kind = negotiate::body_type(headers)?;
        let bytes = body::read(body).await?;
        let options = self.write_options("CreateOptions", accepted)?;
        let Decoded { value, duplicates } = self.decoded(kind, &bytes, options.field_validation)?;
        let written = self.resource.create(self.address(), value, &duplicates, &options).await?;
        self.written(StatusCode::CREATED, written, accepted)
    }

    pub(super) async fn update(
        &self,
        part: Part,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Response, Status> {
        let accepted = self.accepted(headers, Answer::One)?;
        let requested = self.replacement(headers, body, accepted, Call::decoded).await?;
        self.change(part, &requested, accepted).await
    }

    pub(super) async fn patch(
        &self,
        part: Part,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Response, Status> {
        let kind = negotiate::patch_type(headers)?;
        let accepted = self.accepted(headers, Answer::One)?;
        let requested = self.patched(kind, body, accepted).await?;
        self.change(part, &requested, accepted).await
    }

    pub(super) async fn change(
        &self,
        part: Part,
        requested: &Requested,
        accepted: Accepted,
    ) -> Result<Response, Status> {
        let Requested { change, duplicates, options } = requested;
        let written = self.resource.update(self.address(), part, change, duplicates, options).await?;
        self.written(StatusCode::OK, written, accepted)
    }

    /// The change of a PUT, whose body `decode` reads.
    pub(super) async fn replacement(
        &self,
        headers: &HeaderMap,
        body: Body,
        accepted: Accepted,
        decode: fn(&Self, BodyType, &[u8], FieldValidation) -> Result<Decoded, Status>,
    ) -> Result<Requested, Status> {
        let bytes = body::read(body).await?;
        let options = self.write_options("UpdateOptions", accepted)?;
        let kind = negotiate::body_type(headers)?;
        let Decoded { value, duplicates } = decode(self, kind, &bytes, options.field_validation)?;
        Ok(Requested { change: Change::Replace(value), duplicates, options })
    }

    /// The change of a PATCH.
    pub(super) async fn patched(
        &self,
        kind: PatchType,
        body: Body,
        accepted: Accepted,
    ) -> Result<Requested, Status> {
        let bytes = body::read(body).await?;
        let options = self.write_options("PatchOptions", accepted)?;
        let (patch, duplicates) = patch_of(kind, &bytes, options.field_validation);
        Ok(Requested { change: Change::Patch(patch), duplicates, options })
    }

    /// The options of a write; one whose answer cannot be given is not done, but for what is said of it.
    pub(super) fn write_options(&self, kind: &str, accepted: Accepted) -> Result<WriteOptions, Status> {
        let options = WriteOptions::read(self.parameters, kind)?;
        let answerable = accepted.check(self.parameters).is_ok();
        Ok(WriteOptions { dry_run: options.dry_run || !answerable, ..options })
    }

    /// The answer to a write.
    pub(super) fn written(
        &self,
        code: StatusCode,
        written: Written,
        accepted: Accepted,
    ) -> Result<Response, Status> {
        let response = match &written.object {
            WrittenObject::Stored(object) => self.object(code, object, accepted),
            WrittenObject::NotStored(object) => {
                value::object(code, &self.resource.definition().columns, object, accepted, self.parameters)
            }
        };
        match response {
            Ok(mut response) => {
                warn(&mut response, &written.warnings);
                Ok(response)
            }
            Err(refusal) => Err(refusal.with_warnings(written.warnings)),
        }
    }
}
