//! get and list, as one caller may see.

use std::sync::Arc;
use std::time::Instant;

use tributary_collection::Query;

use super::guard::{Guard, Viewer, passes};
use super::reader::Reader;
use crate::options::{GetOptions, ListOptions};
use crate::read::List;
use crate::resource::{Address, Resource, Version};
use crate::status::Status;
use crate::token::Token;

/// How many objects are looked at together.
const CHUNK: usize = 1000;

impl Resource {
    /// The object at `address`, if the caller may see it. To others there is none.
    pub async fn get_visible(
        &self,
        address: Address<'_>,
        options: &GetOptions,
        viewer: &dyn Viewer,
    ) -> Result<Arc<Version>, Status> {
        let object = self.get(address, options)?;
        let shown = match Guard::of(&object) {
            Some(guard) => passes(viewer, guard).await?,
            None => false,
        };
        if shown { Ok(object) } else { Err(self.not_found(address.name)) }
    }

    /// The objects at `address` that the caller may see. How many more there are is not told, nor where others are.
    pub async fn list_visible(
        &self,
        address: Address<'_>,
        options: &ListOptions,
        viewer: &dyn Viewer,
    ) -> Result<List, Status> {
        self.check_ready()?;
        let reader = self.reader(viewer);
        reader.refresh(viewer, &self.stored).await?;
        let (snapshot, mut start) = self.place(options)?;
        let (mut objects, most) = (Vec::new(), options.limit);
        loop {
            let page = snapshot.page(&Query {
                scope: address.scope(),
                labels: &options.labels,
                fields: &options.fields,
                start: start.as_ref(),
                limit: if most == 0 { 0 } else { most.max(CHUNK) },
                lens: &self.lens(),
            });
            objects.extend(allowed(&reader, page.objects, viewer).await?);
            start = page.next;
            if start.is_none() || objects.len() > most {
                break;
            }
        }
        let revision = snapshot.revision();
        let mut next = String::new();
        if most > 0 && objects.len() > most {
            objects.truncate(most);
            self.stored.collection().retain(&snapshot, Instant::now());
            let start = objects.last().map(|last| last.key().after());
            next = start.map(|start| Token { revision: Some(revision), start }.encode()).unwrap_or_default();
        }
        Ok(List { objects, revision, next, remaining: None })
    }

    /// The caller, to be remembered.
    pub(super) fn reader(&self, viewer: &dyn Viewer) -> Arc<Reader> {
        self.readers().enter(viewer, &self.stored)
    }
}

async fn allowed(
    reader: &Reader,
    objects: Vec<Arc<Version>>,
    viewer: &dyn Viewer,
) -> Result<Vec<Arc<Version>>, Status> {
    reader.learn(viewer, objects.iter().filter_map(|object| Guard::of(object))).await?;
    let (answers, _) = reader.answers();
    Ok(objects.into_iter().filter(|object| answers.allow(Guard::of(object))).collect())
}
