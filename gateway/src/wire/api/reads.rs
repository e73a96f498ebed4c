//! get, list and watch.

use axum::response::Response;
use http::{HeaderMap, StatusCode};
use tributary_registry::{Address, GetOptions, ListOptions, Parameters, Status, Version, WatchOptions};

use super::Call;
use crate::wire::negotiate::{Accepted, Answer};
use crate::wire::{represent, watch};

impl Call<'_> {
    pub(super) async fn get(&self, headers: &HeaderMap) -> Result<Response, Status> {
        let accepted = self.accepted(headers, Answer::One)?;
        let options = GetOptions::read(self.parameters)?;
        self.resource.reach(options.revision).await?;
        let object = match &self.viewer {
            None => self.resource.get(self.address(), &options)?,
            Some(viewer) => self.resource.get_visible(self.address(), &options, &**viewer).await?,
        };
        self.object(StatusCode::OK, &object, accepted)
    }

    pub(super) async fn list(&self, headers: &HeaderMap) -> Result<Response, Status> {
        let accepted = self.accepted(headers, Answer::List)?;
        let options = ListOptions::read(self.parameters, self.resource.selectable_fields())?;
        self.resource.reach(options.revision).await?;
        let list = match &self.viewer {
            None => self.resource.list(self.address(), &options)?,
            Some(viewer) => self.resource.list_visible(self.address(), &options, &**viewer).await?,
        };
        represent::list(self.resource.definition(), list, accepted, self.parameters)
    }

    pub(super) async fn watch(&self, headers: &HeaderMap) -> Result<Response, Status> {
        let accepted = self.accepted(headers, Answer::Stream);
        if accepted.is_err() {
            // What is no answer at all is told at once, what is none of a watch when it is to begin.
            self.accepted(headers, Answer::List)?;
        }
        let options = WatchOptions::read(&self.watched_parameters(), self.resource.selectable_fields())?;
        self.resource.check_ready()?;
        self.resource.reach(options.at_least()).await?;
        let writer = represent::Writer::new(accepted?.form, self.parameters)?;
        let address = Address { name: "", ..self.address() };
        let definition = self.resource.shared_definition();
        Ok(match &self.viewer {
            None => watch::serve(self.resource.watch(address, options), definition, writer),
            Some(viewer) => watch::serve(
                self.resource.watch_visible(address, options, viewer.clone()),
                definition,
                writer,
            ),
        })
    }

    /// A watch of one object is a watch of the collection for its name.
    pub(super) fn watched_parameters(&self) -> Parameters {
        let mut parameters = self.parameters.clone();
        if !self.target.name.is_empty() {
            parameters
                .0
                .insert(0, ("fieldSelector".to_owned(), format!("metadata.name={}", self.target.name)));
        }
        parameters
    }

    pub(super) fn object(
        &self,
        code: StatusCode,
        object: &Version,
        accepted: Accepted,
    ) -> Result<Response, Status> {
        represent::object(code, self.resource.definition(), object, accepted, self.parameters)
    }
}
