//! deletecollection.

use crate::options::{DeleteOptions, ListOptions};
use crate::read::List;
use crate::resource::{Address, Resource};
use crate::status::Status;

impl Resource {
    /// Deletes the objects that a list of `selected` would show, one by one; returns what was deleted or marked,
    /// as it was before.
    /// One that is gone already is passed over, any other refusal ends it.
    pub async fn delete_collection(
        &self,
        address: Address<'_>,
        selected: &ListOptions,
        options: &DeleteOptions,
    ) -> Result<List, Status> {
        let list = self.list(address, selected)?;
        let mut deleted = Vec::with_capacity(list.objects.len());
        for object in &list.objects {
            let one = Address { namespace: object.key().namespace(), name: object.key().name() };
            match self.delete(one, options).await {
                Ok(_) => deleted.push(object.clone()),
                Err(status) if status.code() == 404 => {}
                Err(status) => return Err(status),
            }
        }
        Ok(List { objects: deleted, ..list })
    }
}
