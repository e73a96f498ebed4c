//! One watch of a source, and those who read it.

use std::ops::Range;

use tokio::sync::mpsc;
use tokio_util::sync::DropGuard;
use tributary_expr::Shape;
use tributary_registry::SourceFault;
use tributary_sources::view::{Changed, Kept, Listed, ObjectId};

use super::gone::Gone;
use crate::views::inbox::Inbox;

/// One watch of a source.
pub(super) struct Lane {
    pub(super) number: u64,
    /// What of the objects is kept.
    pub(super) reads: Shape,
    /// What is listed first is to be newer, if that can be had.
    newer_than: u64,
    /// None until they are listed. Its revision is 0 where revisions cannot tell what is newer.
    pub(super) all: Option<Listed>,
    /// Whether a change had a revision that was not greater than those before: they are numbers, and mean nothing.
    unordered: bool,
    fault: Option<SourceFault>,
    pub(super) readers: Vec<Reader>,
    /// Ends the watch.
    _watch: DropGuard,
}

/// One who reads.
pub(super) struct Reader {
    pub(super) number: u64,
    inbox: Inbox,
    wake: mpsc::Sender<()>,
    /// Changes of these revisions were heard from another watch.
    heard: Range<u64>,
}

/// What a change of a source does to those who read it.
pub(super) enum News {
    Listed(Listed),
    Changed(ObjectId, Changed),
    Reached(u64),
    Fault(Option<SourceFault>),
}

// === impl Lane ===

impl Lane {
    /// Nothing is known yet.
    pub(super) fn new(number: u64, reads: Shape, newer_than: u64, watch: DropGuard) -> Self {
        Self {
            number,
            reads,
            newer_than,
            all: None,
            unordered: false,
            fault: None,
            readers: Vec::new(),
            _watch: watch,
        }
    }

    /// Whether it has, or will have, what is to be read.
    pub(super) fn serves(&self, reads: &Shape, newer_than: u64) -> bool {
        let new = match &self.all {
            Some(all) => newer_than == 0 || all.revision > newer_than,
            None => newer_than <= self.newer_than,
        };
        new && self.reads.covers(reads)
    }

    /// What the list is to be newer than that has not come yet.
    pub(super) fn waits_for(&self) -> u64 {
        if self.all.is_none() { self.newer_than } else { 0 }
    }

    /// A reader comes, and is told what is known.
    pub(super) fn join(&mut self, reader: Reader, gone: &mut Gone) {
        if let Some(all) = &self.all {
            reader.tell(&News::Listed(all.clone()), gone);
        }
        reader.tell(&News::Fault(self.fault.clone()), gone);
        self.readers.push(reader);
    }

    /// Those who wait for another watch wait for this one.
    pub(super) fn wait_too(&mut self, other: Self) {
        self.readers = other.readers;
        self.fault = other.fault;
    }

    /// The readers of another watch, if they have heard all that this one has; where revisions cannot tell, they are told
    /// all of it.
    pub(super) fn take_over(&mut self, other: &mut Self, gone: &mut Gone) {
        if self.fault.is_some() {
            // The other one may be well.
            return;
        }
        let (Some(all), Some(known)) = (&self.all, &other.all) else { return };
        let numbered = all.revision > 0 && known.revision > 0;
        if numbered && known.revision < all.revision {
            return;
        }
        for mut reader in other.readers.drain(..) {
            if numbered {
                let until = reader.heard.end.max(known.revision + 1);
                reader.heard = all.revision + 1..until;
            } else {
                reader.heard = 0..0;
                reader.tell(&News::Listed(all.clone()), gone);
            }
            if self.fault != other.fault {
                reader.tell(&News::Fault(self.fault.clone()), gone);
            }
            self.readers.push(reader);
        }
    }

    pub(super) fn take(&mut self, news: News, gone: &mut Gone) {
        let before = self.all.as_ref().map_or(0, |all| all.revision);
        let Some(news) = self.note(news, gone) else { return };
        let reached = self.all.as_ref().map_or(0, |all| all.revision);
        for reader in &mut self.readers {
            // A list that is older than what was heard of another watch: what comes after it is heard already.
            match &news {
                News::Listed(all)
                    if (before.max(1)..reader.heard.end.saturating_sub(1)).contains(&all.revision) =>
                {
                    reader.heard.start = all.revision + 1;
                }
                News::Listed(_) => {
                    reader.heard = 0..0;
                    reader.tell(&news, gone);
                }
                _ => reader.tell(&news, gone),
            }
            if reached + 1 >= reader.heard.end {
                // From here on nothing was heard of another watch, should the source go back.
                reader.heard = 0..0;
            }
        }
    }

    /// What of it is news for those who read.
    fn note(&mut self, news: News, gone: &mut Gone) -> Option<News> {
        match news {
            News::Listed(mut all) => {
                if self.unordered {
                    all.revision = 0;
                }
                gone.list(self.all.replace(all.clone()));
                Some(News::Listed(all))
            }
            News::Changed(id, changed) => self.note_change(id, changed),
            News::Reached(revision) => {
                let ordered = !self.unordered;
                let all = self.all.as_mut().filter(|all| ordered && revision > all.revision)?;
                all.revision = revision;
                Some(News::Reached(revision))
            }
            News::Fault(fault) if fault == self.fault => None,
            News::Fault(fault) => {
                self.fault.clone_from(&fault);
                Some(News::Fault(fault))
            }
        }
    }

    fn note_change(&mut self, id: ObjectId, changed: Changed) -> Option<News> {
        let all = self.all.as_mut()?;
        let known = match &changed.object {
            Some(json) => {
                let kept = Kept { json: json.clone(), revision: changed.revision };
                all.objects.insert(id.clone(), kept)
            }
            None => all.objects.remove(&id),
        };
        // Nothing of it that is read has changed.
        let same = known.map(|known| known.json) == changed.object;
        if !same && all.revision > 0 && changed.revision <= all.revision {
            // Who has heard what cannot be told by revisions: all are told all, as of a source that has none.
            (self.unordered, all.revision) = (true, 0);
            return Some(News::Listed(all.clone()));
        }
        if !self.unordered {
            all.revision = all.revision.max(changed.revision);
        }
        Some(if same { News::Reached(changed.revision) } else { News::Changed(id, changed) })
    }
}

// === impl Reader ===

impl Reader {
    pub(super) fn new(number: u64, inbox: Inbox, wake: mpsc::Sender<()>) -> Self {
        Self { number, inbox, wake, heard: 0..0 }
    }

    fn tell(&self, news: &News, gone: &mut Gone) {
        match news {
            News::Listed(all) => gone.untaken(self.inbox.list(all.clone())),
            News::Changed(_, changed) if self.heard.contains(&changed.revision) => return,
            News::Changed(id, changed) => self.inbox.change(id.clone(), changed.clone()),
            News::Reached(revision) => self.inbox.reach(*revision),
            News::Fault(fault) => self.inbox.fault(fault.clone()),
        }
        // Full: it wakes anyway.
        let _ = self.wake.try_send(());
    }
}
