//! delete and deletecollection.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use tributary_registry::{DeleteOptions, Deleted, ListOptions, Status, check_type_meta};

use super::Call;
use super::decoding::decode;
use crate::wire::negotiate::{self, Answer};
use crate::wire::{body, represent, respond};

impl Call<'_> {
    pub(super) async fn delete(&self, headers: &HeaderMap, body: Body) -> Result<Response, Status> {
        let accepted = self.accepted(headers, Answer::One)?;
        let options = self.delete_options(headers, body).await?;
        if accepted.check(self.parameters).is_err() {
            let tried = DeleteOptions { dry_run: true, ..options.clone() };
            let deleted = self.resource.delete(self.address(), &tried).await?;
            accepted.check_options(self.parameters)?;
            // The object would be the answer; a Status has no form.
            if let Deleted::Marked(object) = deleted {
                return self.object(StatusCode::OK, &object, accepted);
            }
        }
        match self.resource.delete(self.address(), &options).await? {
            Deleted::Gone(status) => Ok(respond::encoded(StatusCode::OK, accepted.encoding, &status)),
            Deleted::Marked(object) => {
                let code = if options.accepts { StatusCode::ACCEPTED } else { StatusCode::OK };
                self.object(code, &object, accepted)
            }
        }
    }

    pub(super) async fn delete_collection(
        &self,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Response, Status> {
        let accepted = self.accepted(headers, Answer::List)?;
        let selected = ListOptions::of_deletion(self.parameters, self.resource.selectable_fields())?;
        let options = self.delete_options(headers, body).await?;
        let dry_run = options.dry_run || accepted.check(self.parameters).is_err();
        let options = DeleteOptions { dry_run, ..options };
        let deleted = self.resource.delete_collection(self.address(), &selected, &options).await?;
        represent::list(self.resource.definition(), deleted, accepted, self.parameters)
    }

    /// From the body, where there is one, else from the query.
    pub(super) async fn delete_options(
        &self,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<DeleteOptions, Status> {
        let bytes = body::read(body).await?;
        if bytes.is_empty() {
            return DeleteOptions::read(self.parameters, None);
        }
        let decoded = decode(negotiate::body_type(headers)?, &bytes).map_err(Status::bad_request)?;
        check_type_meta(&decoded.value).map_err(Status::bad_request)?;
        DeleteOptions::read(self.parameters, Some(decoded.value))
    }
}
