//! delete.

use tributary_sources::{Expect, StoredError, Write};

use crate::options::{DeleteOptions, Preconditions};
use crate::resource::{Address, Resource, Version};
use crate::status::{Details, Status};

/// How often a deletion without preconditions is tried anew, when others write at the same time.
const TRIES: usize = 5;

/// The answer to a deletion: the object is gone.
#[derive(Debug)]
pub struct Deleted(pub Status);

impl Resource {
    /// Deletes the object at `address`.
    pub async fn delete(&self, address: Address<'_>, options: &DeleteOptions) -> Result<Deleted, Status> {
        let key = address.key();
        for _ in 0..TRIES {
            let missing = || Status::not_found(self.about(address.name));
            let object = self.stored.snapshot().get(&key).cloned().ok_or_else(missing)?;
            self.check_preconditions(&object, &options.preconditions)?;
            if options.dry_run {
                return Ok(self.deleted(&object));
            }
            match self.stored.write(Expect::Revision(object.revision()), Write::Delete(key.clone())).await {
                Ok(last) => return Ok(self.deleted(&last)),
                // Somebody wrote in between: look again, the preconditions may have changed their answer.
                Err(StoredError::Conflict(_) | StoredError::Missing) => {}
                Err(error) => return Err(Status::unknown(error.to_string())),
            }
        }
        let text =
            "the object has been modified; please apply your changes to the latest version and try again";
        Err(Status::conflict(self.about(address.name), text))
    }

    /// apiserver, `registry/rest/delete.go BeforeDelete`.
    fn check_preconditions(&self, object: &Version, wanted: &Preconditions) -> Result<(), Status> {
        let name = object.key().name();
        if let Some(uid) = wanted.uid.as_deref().filter(|uid| *uid != object.uid()) {
            let why = format!(
                "the UID in the precondition ({uid}) does not match the UID in record ({}). The object might have been deleted and then recreated",
                object.uid()
            );
            return Err(Status::conflict(self.about_kind(name), &why));
        }
        let current = object.revision().to_string();
        if let Some(version) = wanted.resource_version.as_deref().filter(|version| *version != current) {
            let why = format!(
                "the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record ({current}). The object might have been modified"
            );
            return Err(Status::conflict(self.about_kind(name), &why));
        }
        Ok(())
    }

    fn deleted(&self, object: &Version) -> Deleted {
        Deleted(Status::success(Details {
            name: object.key().name().to_owned(),
            group: self.definition.group.clone(),
            kind: self.definition.plural.clone(),
            uid: object.uid().to_owned(),
            ..Details::default()
        }))
    }
}
