//! A disk in memory that can fail at any call, and that can be looked at as it would be after a power cut.

use std::collections::BTreeSet;
use std::io::{Error, ErrorKind};
use std::sync::{Arc, Mutex};

use rand::Rng;
use rand::rngs::StdRng;
use redb::StorageBackend;

use crate::Fault;
use crate::committer::Storage;

/// What a disk writes as a whole, in bytes.
const SECTOR: usize = 512;
/// What it gives room by, in bytes.
const PAGE: usize = 4096;

/// Clones are the same disk.
#[derive(Clone, Debug, Default)]
pub(super) struct Disk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    content: Vec<u8>,
    /// The content at the last sync.
    synced: Vec<u8>,
    /// What came since.
    unsynced: Vec<Step>,
    calls: usize,
    /// Calls from this one on fail, so many of them.
    fail: Option<(usize, usize, ErrorKind)>,
    open: bool,
    /// How many pages may have been written, if there is a limit; and those that were.
    room: Option<usize>,
    pages: BTreeSet<usize>,
    /// What a power cut after each step would have left, since it was asked for.
    images: Option<(StdRng, Vec<Vec<u8>>)>,
}

#[derive(Clone, Debug)]
enum Step {
    Write(usize, Vec<u8>),
    Length(usize),
}

impl Disk {
    /// A disk that has this content.
    pub(super) fn of(content: Vec<u8>) -> Self {
        Self(Arc::new(Mutex::new(State { synced: content.clone(), content, ..State::default() })))
    }

    /// From the call after so many from now on, so many fail.
    pub(super) fn fail_after(&self, calls: usize, count: usize, kind: ErrorKind) {
        let mut state = self.0.lock().unwrap();
        state.fail = Some((state.calls + calls, count, kind));
    }

    /// From now on there is so much room, bytes.
    pub(super) fn limit(&self, room: usize) {
        self.0.lock().unwrap().room = Some(room / PAGE);
    }

    /// Nothing fails any more.
    pub(super) fn mend(&self) {
        self.0.lock().unwrap().fail = None;
    }

    pub(super) fn calls(&self) -> usize {
        self.0.lock().unwrap().calls
    }

    /// Another content takes the place of what there is.
    pub(super) fn replace(&self, content: Vec<u8>) {
        let mut state = self.0.lock().unwrap();
        state.synced = content.clone();
        state.content = content;
        state.unsynced.clear();
    }

    /// Everything that was written, as another process would find it.
    pub(super) fn content(&self) -> Vec<u8> {
        self.0.lock().unwrap().content.clone()
    }

    /// From now on, what a power cut after each step would leave is remembered.
    pub(super) fn remember(&self, random: StdRng) {
        self.0.lock().unwrap().images = Some((random, Vec::new()));
    }

    /// What was remembered since.
    pub(super) fn images(&self) -> Vec<Vec<u8>> {
        let mut state = self.0.lock().unwrap();
        state.images.as_mut().map(|(_, images)| std::mem::take(images)).unwrap_or_default()
    }

    /// What is there now, were the power cut now.
    pub(super) fn synced(&self) -> Vec<u8> {
        self.0.lock().unwrap().synced.clone()
    }

    fn call(&self) -> Result<std::sync::MutexGuard<'_, State>, Error> {
        let mut state = self.0.lock().unwrap();
        state.calls += 1;
        match state.fail {
            Some((from, count, kind)) if (from..from.saturating_add(count)).contains(&(state.calls - 1)) => {
                Err(Error::new(kind, "the disk was told to fail"))
            }
            _ => Ok(state),
        }
    }

    fn step(&self, step: Step) -> Result<(), Error> {
        let mut state = self.call()?;
        state.allocate(&step)?;
        apply(&mut state.content, &step);
        state.unsynced.push(step);
        state.remember();
        Ok(())
    }
}

impl State {
    /// As file systems do: a file that is longer takes no room before it is written.
    fn allocate(&mut self, step: &Step) -> Result<(), Error> {
        match step {
            Step::Write(at, data) => {
                let pages = at / PAGE..(at + data.len()).div_ceil(PAGE);
                let new: Vec<_> = pages.filter(|page| !self.pages.contains(page)).collect();
                if self.room.is_some_and(|room| self.pages.len() + new.len() > room) {
                    return Err(ErrorKind::StorageFull.into());
                }
                self.pages.extend(new);
            }
            Step::Length(length) => drop(self.pages.split_off(&length.div_ceil(PAGE))),
        }
        Ok(())
    }

    fn remember(&mut self) {
        let Some((mut random, mut images)) = self.images.take() else { return };
        images.push(self.content.clone());
        images.extend([0.5, 0.9].map(|kept| self.after_power_cut(&mut random, kept)));
        self.images = Some((random, images));
    }

    /// What was synced, and of what came since each step with a chance of `kept`, or a part of it.
    fn after_power_cut(&self, random: &mut StdRng, kept: f64) -> Vec<u8> {
        let mut content = self.synced.clone();
        for step in &self.unsynced {
            if random.random_bool(kept) {
                apply(&mut content, step);
            } else if let (Step::Write(at, data), true) = (step, random.random_bool(0.3)) {
                let sectors = data.len().div_ceil(SECTOR);
                let torn = data.len().min(random.random_range(0..=sectors) * SECTOR);
                apply(&mut content, &Step::Write(*at, data[..torn].to_vec()));
            }
        }
        content
    }
}

fn apply(content: &mut Vec<u8>, step: &Step) {
    match step {
        Step::Write(at, data) => {
            let end = at + data.len();
            if content.len() < end {
                content.resize(end, 0);
            }
            content[*at..end].copy_from_slice(data);
        }
        Step::Length(length) => content.resize(*length, 0),
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> Result<u64, Error> {
        Ok(self.call()?.content.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), Error> {
        let state = self.call()?;
        let at = offset as usize;
        let data = state.content.get(at..at + out.len()).ok_or(ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(data);
        Ok(())
    }

    fn set_len(&self, length: u64) -> Result<(), Error> {
        self.step(Step::Length(length as usize))
    }

    fn sync_data(&self) -> Result<(), Error> {
        let mut state = self.call()?;
        state.synced = state.content.clone();
        state.unsynced.clear();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), Error> {
        self.step(Step::Write(offset as usize, data.to_vec()))
    }

    fn close(&self) -> Result<(), Error> {
        self.0.lock().unwrap().open = false;
        Ok(())
    }
}

impl Storage for Disk {
    type Backend = Self;

    fn open(&self) -> Result<Self, Fault> {
        let mut state = self.call()?;
        if std::mem::replace(&mut state.open, true) {
            return Err(Fault::Locked);
        }
        drop(state);
        Ok(self.clone())
    }

    fn set_aside(&self) -> Result<(), Fault> {
        self.replace(Vec::new());
        Ok(())
    }

    fn available(&self) -> Option<u64> {
        let state = self.0.lock().unwrap();
        Some((state.room? - state.pages.len().min(state.room?)) as u64 * PAGE as u64)
    }

    fn size(&self) -> Option<u64> {
        Some((self.0.lock().unwrap().pages.len() * PAGE) as u64)
    }
}
