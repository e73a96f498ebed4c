//! A folder of objects in the place of a cluster: what views read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::StreamExt;
use futures::stream::{self, BoxStream};
use serde_json::Value;
use tokio::sync::watch;
use tributary_access::{SourceEvent, SourceObject};
use tributary_definition::SourceReference;

use super::folder::{Change, Folder};
use super::kind::{Kind, completed};
use super::manifest::{Content, Manifest};
use super::problem::Problem;
use super::selection::Selection;
use crate::views::Sources;

/// `apiVersion` and plural.
type Resource = (String, String);
/// By namespace and name.
type Kept = BTreeMap<(String, String), Arc<Value>>;

/// The objects of a folder, followed.
pub(super) struct Objects {
    folder: Folder,
    files: BTreeMap<PathBuf, Vec<Read>>,
    since: String,
    current: watch::Sender<Arc<BTreeMap<Resource, Kept>>>,
}

/// The objects for those who watch them.
#[derive(Clone)]
pub(super) struct Shown(watch::Receiver<Arc<BTreeMap<Resource, Kept>>>);

/// An object of a file.
struct Read {
    manifest: Manifest,
    name: String,
}

// === impl Objects ===

impl Objects {
    /// The objects of the folder at `path`; none is known before the first look.
    pub(super) fn open(path: &Path) -> std::io::Result<Self> {
        Ok(Self {
            folder: Folder::open(path)?,
            files: BTreeMap::new(),
            since: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            current: watch::Sender::default(),
        })
    }

    /// The objects as views read them.
    pub(super) fn shown(&self) -> Shown {
        Shown(self.current.subscribe())
    }

    /// Looks once, and shows what has changed. A file with a problem stays as it was before.
    pub(super) fn look(&mut self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let changes = self.folder.look();
        if changes.is_empty() {
            return problems;
        }
        for change in changes {
            match change {
                Change::Gone(path) => {
                    self.files.remove(&path);
                }
                Change::Failed(path, why) => problems.push(Problem::of_file(&path, why)),
                Change::Read(path, bytes) => match read(&path, &bytes) {
                    Ok(read) => {
                        self.files.insert(path, read);
                    }
                    Err(found) => problems.extend(found),
                },
            }
        }
        let (resources, twice) = self.resources();
        problems.extend(twice);
        self.current.send_replace(Arc::new(resources));
        problems
    }

    /// All objects by resource. Of one that several files have, the last counts.
    fn resources(&self) -> (BTreeMap<Resource, Kept>, Vec<Problem>) {
        let all = || self.files.values().flatten();
        let declared: BTreeMap<_, _> = all().flat_map(|read| Kind::read(&read.manifest)).collect();
        let mut resources: BTreeMap<Resource, Kept> = BTreeMap::new();
        let mut problems = Vec::new();
        for read in all() {
            let (api_version, kind) = (read.manifest.text("apiVersion"), read.manifest.text("kind"));
            let declared = declared.get(&(api_version.to_owned(), kind.to_owned())).cloned();
            let Kind { plural, namespaced } = declared.unwrap_or_else(|| Kind::usual(api_version, kind));
            let object = completed(&read.manifest.object, namespaced, &self.since);
            let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default().to_owned();
            let kept = resources.entry((api_version.to_owned(), plural)).or_default();
            if kept.insert((namespace, read.name.clone()), Arc::new(object)).is_some() {
                let message =
                    format!("Duplicate value: \"{}\": this one takes the place of the other", read.name);
                problems.push(read.manifest.problem("metadata.name", message));
            }
        }
        (resources, problems)
    }
}

impl Sources for Shown {
    fn watch(&self, source: &SourceReference, _newer_than: u64) -> BoxStream<'static, SourceEvent> {
        let resource = (source.api_version.clone(), source.resource.clone());
        let selection = match Selection::of(source) {
            Ok(selection) => Arc::new(selection),
            Err(failure) => {
                return stream::iter([SourceEvent::Failed(failure)]).chain(stream::pending()).boxed();
            }
        };
        let steps = stream::unfold((self.0.clone(), None::<Kept>), move |(mut objects, before)| {
            let (resource, selection) = (resource.clone(), selection.clone());
            async move {
                if before.is_some() {
                    objects.changed().await.ok()?;
                }
                let all = objects.borrow_and_update().clone();
                let now = selection.among(all.get(&resource));
                let events = match &before {
                    None => listed(&now),
                    Some(before) => changed(before, &now),
                };
                Some((stream::iter(events), (objects, Some(now))))
            }
        });
        steps.flatten().boxed()
    }
}

fn listed(now: &Kept) -> Vec<SourceEvent> {
    let objects = now.values().filter_map(|object| told(object)).map(SourceEvent::Listed);
    std::iter::once(SourceEvent::Begun).chain(objects).chain([SourceEvent::Complete(0)]).collect()
}

fn changed(before: &Kept, now: &Kept) -> Vec<SourceEvent> {
    let gone = before.iter().filter(|(key, _)| !now.contains_key(*key));
    let gone = gone.filter_map(|(_, object)| told(object)).map(SourceEvent::Deleted);
    let applied = now.iter().filter(|(key, object)| before.get(*key) != Some(*object));
    gone.chain(applied.filter_map(|(_, object)| told(object)).map(SourceEvent::Applied)).collect()
}

fn told(object: &Value) -> Option<SourceObject> {
    SourceObject::read(&object.to_string())
}

/// The objects of a file, or everything that is wrong with it.
fn read(path: &Path, bytes: &[u8]) -> Result<Vec<Read>, Vec<Problem>> {
    let Content { manifests, mut problems } = Content::read(&path.to_string_lossy(), bytes);
    let mut objects = Vec::new();
    for manifest in manifests {
        let name = manifest.object.get("metadata").and_then(|metadata| metadata.get("name"));
        match name.and_then(Value::as_str).map(str::to_owned).filter(|name| !name.is_empty()) {
            Some(name) => objects.push(Read { manifest, name }),
            None => problems.push(manifest.problem("metadata.name", "Required value")),
        }
    }
    if problems.is_empty() { Ok(objects) } else { Err(problems) }
}

#[cfg(test)]
#[path = "objects_tests.rs"]
mod tests;
