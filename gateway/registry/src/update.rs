//! update and patch: one pure change of the stored object, done again when somebody else was faster.

use serde_json::Value;
use tributary_schema::field::{Error, Path};
use tributary_schema::gotext;

use crate::change::{Current, Request};
use crate::create::{Written, WrittenObject, check_name_of_update};
use crate::duplicates::Duplicates;
use crate::metadata::{self, non_empty};
use crate::options::WriteOptions;
use crate::patch::Patch;
use crate::receive::Received;
use crate::resource::{Address, Resource};
use crate::status::{Details, Reason, Status};

/// What is to become of an object.
#[derive(Clone, Debug)]
pub enum Change {
    /// This takes its place.
    Replace(Value),
    /// It is changed.
    Patch(Patch),
}

/// Which part of an object a request can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The object; without its status, where that is a subresource.
    Main,
    /// Its status and nothing else.
    Status,
}

/// One request to change an object.
struct Asked<'a> {
    address: Address<'a>,
    part: Part,
    change: &'a Change,
    duplicates: &'a Duplicates,
    options: &'a WriteOptions,
}

impl Resource {
    /// Changes a part of the object at `address`.
    pub async fn update(
        &self,
        address: Address<'_>,
        part: Part,
        change: &Change,
        duplicates: &Duplicates,
        options: &WriteOptions,
    ) -> Result<Written, Status> {
        let mut warnings = Vec::new();
        let asked = Asked { address, part, change, duplicates, options };
        let written = self.update_warning(&asked, &mut warnings).await;
        Written::new(written, warnings)
    }

    async fn update_warning(
        &self,
        asked: &Asked<'_>,
        warnings: &mut Vec<String>,
    ) -> Result<WrittenObject, Status> {
        let Asked { address, part, change, options, .. } = *asked;
        let request = Request { address, part, uid: None, dry_run: options.dry_run };
        match change {
            // A replacement is read before it is known whether there is something to replace, a patch when there is.
            Change::Replace(body) => {
                let received = self.replacement(asked, body, warnings)?;
                let uid = non_empty(received.metadata.uid.as_deref()).map(str::to_owned);
                let make = |_: &Current, _: &mut Vec<String>| Ok(received.clone());
                self.change(&Request { uid, ..request }, warnings, make).await
            }
            Change::Patch(patch) => {
                let make = |current: &Current, warnings: &mut Vec<String>| {
                    self.patched(asked, patch, current, warnings)
                };
                self.change(&request, warnings, make).await
            }
        }
    }

    /// The object that is to take the place of what is there.
    fn replacement(
        &self,
        asked: &Asked<'_>,
        body: &Value,
        warnings: &mut Vec<String>,
    ) -> Result<Received, Status> {
        let validation = asked.options.field_validation;
        let mut received = self.receive(body.clone(), asked.duplicates, validation, warnings)?;
        self.place_in_namespace(asked.address, &mut received.metadata)?;
        check_name_of_update(asked.address.name, &received.metadata)?;
        warnings.extend(metadata::drop_duplicate_owners(&mut received.metadata, false));
        Ok(received)
    }

    /// The object after a patch.
    fn patched(
        &self,
        asked: &Asked<'_>,
        patch: &Patch,
        current: &Current,
        warnings: &mut Vec<String>,
    ) -> Result<Received, Status> {
        let patched = patch.apply(Value::Object(current.object.clone()))?;
        let validation = asked.options.field_validation;
        let received = self.decode(patched.clone(), asked.duplicates, validation, warnings);
        let mut received = received.map_err(|why| invalid_patch(&patched, &why.to_string()))?;
        warnings.extend(metadata::drop_duplicate_owners(&mut received.metadata, true));
        self.place_in_namespace(asked.address, &mut received.metadata)?;
        check_name_of_update(asked.address.name, &received.metadata)?;
        Ok(received)
    }
}

/// 422: the patch makes something that is no object of this kind.
pub(crate) fn invalid_patch(patched: &Value, why: &str) -> Status {
    let error = Error::invalid(&Path::new("patch"), &Value::from(gotext::json(patched)), why);
    let details = Details { causes: vec![(&error).into()], ..Details::default() };
    Status::failure(Reason::Invalid, format!(" \"\" is invalid: {error}")).with(details)
}
