//! What the file should have.

use std::collections::BTreeMap;

use rand::Rng;

use crate::{Change, Contents, Database, Limits, Past, Reader, Stamp, Version};

pub(super) const RESOURCES: [&str; 2] = ["tasks", "tasks.other"];
pub(super) const ALL: Limits = Limits { changes: usize::MAX, bytes: usize::MAX };

/// The objects, and every change that there was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Model {
    pub(super) revision: u64,
    objects: BTreeMap<(String, String), Version>,
    past: Vec<(String, Past)>,
}

/// What a file has of one resource.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) objects: Vec<(String, Version)>,
    pub(super) contents: Contents,
}

impl Reader for Seen {
    fn begin(&mut self) {
        *self = Self::default();
    }

    fn objects(&mut self, part: Vec<(String, Version)>) {
        self.objects.extend(part);
    }

    fn finish(&mut self, contents: Contents) {
        self.contents = contents;
    }
}

impl Model {
    /// Of a file that is new.
    pub(super) fn of(database: &Database) -> Self {
        Self { revision: database.revision(), ..Self::default() }
    }

    /// A change that fits what there is, now and then to a key that is there.
    pub(super) fn change(&self, random: &mut impl Rng) -> Change {
        let resource = RESOURCES[random.random_range(0..RESOURCES.len())];
        let key = format!("default/{}", random.random_range(0..12));
        let there = self.objects.contains_key(&(resource.to_owned(), key.clone()));
        let put = (!there || random.random_bool(0.6)).then(|| {
            let length = if random.random_bool(0.05) { 20_000 } else { random.random_range(2..400) };
            (0..length).map(|_| random.random()).collect()
        });
        Change { resource: resource.into(), key, put }
    }

    pub(super) fn apply(&mut self, change: &Change, stamp: Stamp) {
        assert!(stamp.revision > self.revision, "revisions go back");
        self.revision = stamp.revision;
        let Stamp { revision, written } = stamp;
        let place = (change.resource.to_string(), change.key.clone());
        let after = change.put.clone().map(|bytes| Version { revision, written, bytes });
        let before = match &after {
            Some(after) => self.objects.insert(place.clone(), after.clone()),
            None => self.objects.remove(&place),
        };
        self.past.push((place.0, Past { revision, written, key: place.1, before, after }));
    }

    /// The file has exactly this, and of the past all that is after its floor.
    pub(super) fn check(&self, database: &Database) -> Result<(), String> {
        for resource in RESOURCES {
            let mut seen = Seen::default();
            database.read(resource, ALL, &mut seen).map_err(|fault| fault.to_string())?;
            self.check_resource(resource, &seen).map_err(|what| format!("{resource}: {what}"))?;
        }
        Ok(())
    }

    pub(super) fn check_resource(&self, resource: &str, seen: &Seen) -> Result<(), String> {
        let expected: Vec<_> = self.objects.iter().filter(|((of, _), _)| of == resource).collect();
        if expected.len() != seen.objects.len() {
            return Err(format!("{} objects, not {}", seen.objects.len(), expected.len()));
        }
        for ((place, version), (key, found)) in expected.into_iter().zip(&seen.objects) {
            if place.1 != *key || version != found {
                return Err(format!(
                    "{key} at {} where {} at {} was",
                    found.revision, place.1, version.revision
                ));
            }
        }
        self.check_past(resource, &seen.contents)
    }

    fn check_past(&self, resource: &str, contents: &Contents) -> Result<(), String> {
        let floor = contents.floor;
        let expected: Vec<_> = self
            .past
            .iter()
            .filter(|(of, past)| of == resource && past.revision > floor)
            .map(|(_, past)| self.as_told(resource, past))
            .collect();
        let told: Vec<_> = contents.history.iter().collect();
        if expected.iter().collect::<Vec<_>>() != told {
            return Err(format!(
                "the history after {floor} is another: {} changes, {} told",
                expected.len(),
                told.len()
            ));
        }
        Ok(())
    }

    /// The version of an object that is there is not told twice.
    fn as_told(&self, resource: &str, past: &Past) -> Past {
        let current = self.objects.get(&(resource.to_owned(), past.key.clone()));
        let is_current = current.is_some_and(|current| current.revision == past.revision);
        Past { after: past.after.clone().filter(|_| !is_current), ..past.clone() }
    }
}
