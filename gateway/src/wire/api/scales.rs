//! The scale subresource.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use tributary_registry::{GetOptions, Status};

use super::Call;
use super::writes::Requested;
use crate::wire::negotiate::{self, Answer};
use crate::wire::request_info::Verb;
use crate::wire::respond::warn;
use crate::wire::value;

impl Call<'_> {
    pub(super) async fn scale(&self, headers: &HeaderMap, body: Body) -> Result<Response, Status> {
        let accepted = self.accepted(headers, Answer::Scale)?;
        let (scale, warnings) = match self.target.verb {
            Verb::Get => {
                (self.resource.get_scale(self.address(), &GetOptions::read(self.parameters)?)?, Vec::new())
            }
            Verb::Update => {
                let requested = self.replacement(headers, body, accepted, Call::decoded_scale).await?;
                self.change_scale(&requested).await?
            }
            Verb::Patch => {
                let kind = negotiate::patch_type(headers)?;
                self.change_scale(&self.patched(kind, body, accepted).await?).await?
            }
            _ => return Err(self.unsupported()),
        };
        let Some(declared) = &self.resource.definition().scale else {
            return Err(Status::no_such_resource());
        };
        let mut response =
            value::object(StatusCode::OK, &declared.columns, &scale, accepted, self.parameters)?;
        warn(&mut response, &warnings);
        Ok(response)
    }

    pub(super) async fn change_scale(&self, requested: &Requested) -> Result<(Value, Vec<String>), Status> {
        let Requested { change, duplicates, options } = requested;
        let written = self.resource.update_scale(self.address(), change, duplicates, options).await?;
        Ok((written.scale, written.warnings))
    }
}
