//! watch, as one caller may see.

use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::time::{Instant, Sleep};
use tributary_collection::{Event, EventType};

use super::guard::{Guard, Viewer};
use super::reader::{Answers, EVERY, Reader, Readers};
use crate::options::{Start, WatchOptions};
use crate::resource::{Address, Resource, Version};
use crate::row::Row;
use crate::status::{Reason, Status};
use crate::watch::{Told, Watch};

/// A watch under way that tells what its caller may see.
pub struct VisibleWatch {
    watch: Watch,
    viewer: Arc<dyn Viewer>,
    readers: Arc<Readers>,
    reader: Arc<Reader>,
    /// The answers by which everything was told so far, and how often they had changed.
    answers: Answers,
    epoch: u64,
    epochs: watch::Receiver<u64>,
    /// What is still to be made sure of before anything is told.
    begin: Option<Begin>,
    /// Until answers are asked for again.
    alarm: Pin<Box<Sleep>>,
    ended: bool,
}

/// What the caller knows to begin with.
enum Begin {
    /// Nothing: all is told.
    Nothing,
    /// What is shown now.
    Now,
    /// What was shown at a revision.
    At(u64),
}

impl Resource {
    /// Begins to watch those of the objects at `address` that the caller may see.
    pub fn watch_visible(
        &self,
        address: Address<'_>,
        options: WatchOptions,
        viewer: Arc<dyn Viewer>,
    ) -> VisibleWatch {
        let begin = match options.start {
            Start::State { .. } => Begin::Nothing,
            Start::Now => Begin::Now,
            Start::After(revision) => Begin::At(revision),
        };
        // Before the watch looks at the state.
        let reader = self.reader(&*viewer);
        let (answers, epoch) = reader.answers();
        VisibleWatch {
            watch: self.watch(address, options),
            viewer,
            readers: self.readers(),
            answers,
            epoch,
            epochs: reader.subscribe(),
            reader,
            begin: Some(begin),
            alarm: Box::pin(tokio::time::sleep(EVERY)),
            ended: false,
        }
    }
}

impl VisibleWatch {
    /// What there is to tell, waiting until there is something; None at the end.
    pub async fn next(&mut self) -> Option<Vec<Told>> {
        if self.ended {
            return None;
        }
        match self.told().await {
            Ok(told) => told,
            Err(status) => {
                self.ended = true;
                Some(vec![Told::Error(Box::new(status))])
            }
        }
    }

    async fn told(&mut self) -> Result<Option<Vec<Told>>, Status> {
        if let Some(begin) = self.begin.take() {
            self.begin(begin).await?;
        }
        loop {
            let mut told = self.adopt().await?;
            if told.is_empty() {
                tokio::select! {
                    biased;
                    more = self.watch.next() => match more {
                        Some(more) => told = self.filter(more).await?,
                        None => return Ok(None),
                    },
                    _ = self.epochs.changed() => {}
                    () = self.alarm.as_mut() => self.refresh().await?,
                }
            }
            if !told.is_empty() {
                return Ok(Some(told));
            }
        }
    }

    /// Learns the answers by which the caller was told what it knows.
    async fn begin(&mut self, begin: Begin) -> Result<(), Status> {
        self.reader.refresh(&*self.viewer, &self.watch.stored).await?;
        if let Begin::At(revision) = begin
            && revision < self.reader.valid_from()
        {
            return Err(relist());
        }
        if !matches!(begin, Begin::Nothing) {
            let objects = self.watch.objects();
            self.reader.learn(&*self.viewer, guards(&objects)).await?;
        }
        (self.answers, self.epoch) = self.reader.answers();
        Ok(())
    }

    /// Asks whether the answers still stand.
    async fn refresh(&mut self) -> Result<(), Status> {
        self.alarm.as_mut().reset(Instant::now() + EVERY);
        self.readers.keep(&*self.viewer, &self.reader);
        self.reader.refresh(&*self.viewer, &self.watch.stored).await
    }

    /// Goes over to changed answers, when all changes are told that the old ones judge: tells what came into view by
    /// the new ones, and what left it.
    async fn adopt(&mut self) -> Result<Vec<Told>, Status> {
        if self.epoch == *self.epochs.borrow_and_update() {
            return Ok(Vec::new());
        }
        let Some(objects) = self.watch.told_objects() else { return Ok(Vec::new()) };
        self.reader.learn(&*self.viewer, guards(&objects)).await?;
        let (answers, epoch) = self.reader.answers();
        // What has changed meanwhile comes later, by the new answers.
        let tell = |object: &Arc<Version>| {
            let guard = Guard::of(object);
            let event_type = match (self.answers.allow(guard), answers.allow(guard)) {
                (false, true) => EventType::Added,
                (true, false) => EventType::Deleted,
                _ => return None,
            };
            let object = Arc::new(object.at_revision(self.watch.revision()));
            Some(Told::Event(Event { event_type, object, frame: None, previous: None }))
        };
        let told = objects.iter().filter_map(tell).collect();
        (self.answers, self.epoch) = (answers, epoch);
        Ok(told)
    }

    /// Of what is told, what the caller may see.
    async fn filter(&mut self, told: Vec<Told>) -> Result<Vec<Told>, Status> {
        let concerned: Vec<Guard> = told.iter().filter_map(event).flat_map(concerned).cloned().collect();
        self.reader.learn(&*self.viewer, concerned.iter()).await?;
        let (answers, epoch) = self.reader.answers();
        if epoch == self.epoch {
            self.answers = answers;
            return Ok(told.into_iter().filter_map(|told| self.shown(told)).collect());
        }
        // These are told by the answers that the caller was told everything else by.
        let valid_from = self.reader.valid_from();
        if told.iter().filter_map(event).any(|event| event.object.revision() >= valid_from) {
            return Err(relist());
        }
        self.answers.extend(&answers, concerned.iter());
        let late = |told: &Told| matches!(told, Told::Bookmark { revision, .. } if *revision >= valid_from);
        Ok(told.into_iter().filter(|told| !late(told)).filter_map(|told| self.shown(told)).collect())
    }

    fn shown(&self, told: Told) -> Option<Told> {
        let Told::Event(event) = told else { return Some(told) };
        let now = self.answers.allow(Guard::of(&event.object));
        let Some(previous) = event.previous.as_ref().filter(|_| event.event_type == EventType::Modified)
        else {
            return now.then_some(Told::Event(event));
        };
        let (event_type, object) = match (self.answers.allow(Guard::of(previous)), now) {
            (true, true) => return Some(Told::Event(event)),
            (false, true) => (EventType::Added, event.object),
            (true, false) => (EventType::Deleted, Arc::new(previous.at_revision(event.object.revision()))),
            (false, false) => return None,
        };
        Some(Told::Event(Event { event_type, object, frame: None, previous: None }))
    }
}

fn event(told: &Told) -> Option<&Event<Row>> {
    match told {
        Told::Event(event) => Some(event),
        _ => None,
    }
}

/// What guards an object before and after.
fn concerned(event: &Event<Row>) -> impl Iterator<Item = &Guard> {
    let previous = event.previous.iter();
    std::iter::once(&event.object).chain(previous).filter_map(|object| Guard::of(object))
}

fn guards(objects: &[Arc<Version>]) -> impl Iterator<Item = &Guard> {
    objects.iter().filter_map(|object| Guard::of(object))
}

/// Rights changed, and nobody knows which of them the caller was told by.
fn relist() -> Status {
    Status::failure(Reason::Expired, "what may be seen has changed: list again")
}
