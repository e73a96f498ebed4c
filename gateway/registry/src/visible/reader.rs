//! What one caller was answered, and since when that stands.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use imbl::HashMap;
use moka::sync::Cache;
use tokio::sync::watch;
use tokio::time::Instant;
use tributary_sources::Stored;

use super::guard::{Guard, Viewer, ask};
use crate::row::Row;
use crate::status::Status;

/// How often answers are asked for again. Whoever answers keeps answers as long, so that a lost right shows within
/// twice this time.
pub(super) const EVERY: Duration = Duration::from_secs(5);
/// How many refusals are asked about again each time. Rights that are there are all asked about.
const REFUSALS_AT_ONCE: usize = 200;
/// How long a caller is remembered who asks for nothing, and of how many the memory is.
const REMEMBERED_FOR: Duration = Duration::from_secs(15 * 60);
const REMEMBERED: u64 = 1024;
/// Answers beyond four for each object are those of objects that are gone.
const SPARE_ANSWERS: usize = 4096;

/// The callers of one view who were answered lately.
#[derive(Debug)]
pub(crate) struct Readers(Cache<Box<str>, Arc<Reader>>);

/// One caller of one view.
#[derive(Debug)]
pub(super) struct Reader {
    state: Mutex<State>,
    /// One at a time asks: the others find the answers.
    asking: tokio::sync::Mutex<()>,
    /// How often answers have changed.
    changes: watch::Sender<u64>,
}

#[derive(Debug)]
struct State {
    answers: Answers,
    /// The questions that were answered with no, the longest ago first.
    refused: VecDeque<Guard>,
    /// When all was asked the last time.
    asked: Instant,
    /// Who was told the state of this revision or a later one was told it by these answers.
    valid_from: u64,
}

/// Answers at one moment. Cloning copies nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Answers(HashMap<Guard, bool>);

// === impl Readers ===

impl Default for Readers {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(REMEMBERED).time_to_idle(REMEMBERED_FOR).build())
    }
}

impl Readers {
    /// The caller, who is remembered from now on. To be called before the state is looked at that is told.
    pub(super) fn enter(&self, viewer: &dyn Viewer, stored: &Stored<Row>) -> Arc<Reader> {
        let snapshot = stored.snapshot();
        let known = self.0.get(viewer.identity());
        let fits = |reader: &Arc<Reader>| reader.lock().answers.0.len() <= 4 * snapshot.len() + SPARE_ANSWERS;
        known.filter(fits).unwrap_or_else(|| {
            let reader = Arc::new(Reader::new(snapshot.revision()));
            self.0.insert(viewer.identity().into(), reader.clone());
            reader
        })
    }

    /// Remembers a caller who is still here.
    pub(super) fn keep(&self, viewer: &dyn Viewer, reader: &Arc<Reader>) {
        if self.0.get(viewer.identity()).is_none() {
            self.0.insert(viewer.identity().into(), reader.clone());
        }
    }
}

// === impl Reader ===

impl Reader {
    fn new(revision: u64) -> Self {
        let state = State {
            answers: Answers::default(),
            refused: VecDeque::new(),
            asked: Instant::now(),
            valid_from: revision,
        };
        Self {
            state: Mutex::new(state),
            asking: tokio::sync::Mutex::default(),
            changes: watch::Sender::new(0),
        }
    }

    /// The answers as they are, and how often they have changed.
    pub(super) fn answers(&self) -> (Answers, u64) {
        let state = self.lock();
        (state.answers.clone(), *self.changes.borrow())
    }

    /// Is told when answers change.
    pub(super) fn subscribe(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Who was told the state of a revision before this one may have been told it by other answers.
    pub(super) fn valid_from(&self) -> u64 {
        self.lock().valid_from
    }

    /// Asks what has not been asked to judge `guards`: the widest right first.
    pub(super) async fn learn<'a>(
        &self,
        viewer: &dyn Viewer,
        guards: impl Iterator<Item = &'a Guard>,
    ) -> Result<(), Status> {
        let (answers, _) = self.answers();
        let mut open: HashSet<&Guard> = guards.filter(|guard| !answers.know(guard)).collect();
        if open.is_empty() {
            return Ok(());
        }
        let _asking = self.asking.lock().await;
        for place in 0..3 {
            let (answers, _) = self.answers();
            open.retain(|guard| !answers.know(guard));
            let questions: HashSet<Guard> =
                open.iter().filter_map(|guard| guard.rights().into_iter().nth(place)).collect();
            let unasked = questions.into_iter().filter(|question| !answers.0.contains_key(question));
            let answered = ask(viewer, unasked).await?;
            let mut state = self.lock();
            answered.into_iter().for_each(|(question, answer)| state.note(question, answer));
        }
        Ok(())
    }

    /// Asks again what was answered a while ago. If an answer is another one, the state gets a new revision, from which on
    /// what is told is told by the new answers.
    pub(super) async fn refresh(&self, viewer: &dyn Viewer, stored: &Stored<Row>) -> Result<(), Status> {
        let _asking = self.asking.lock().await;
        let questions = {
            let mut state = self.lock();
            if state.asked.elapsed() < EVERY {
                return Ok(());
            }
            state.asked = Instant::now();
            state.again()
        };
        let asked = ask(viewer, questions.clone()).await;
        let mut state = self.lock();
        let answered = asked.inspect_err(|_| state.put_back(questions))?;
        let mut changed = false;
        for (question, answer) in answered {
            changed |= state.answers.0.get(&question) != Some(&answer);
            state.note(question, answer);
        }
        if changed {
            // Until there is the new revision, all that were told are of the old answers. Whoever looks sees both or none.
            self.changes.send_modify(|changes| *changes += 1);
            state.valid_from = stored.advance();
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl State ===

impl State {
    fn note(&mut self, question: Guard, answer: bool) {
        if !answer {
            self.refused.push_back(question.clone());
        }
        self.answers.0.insert(question, answer);
    }

    /// What is to be asked again: every right, and the refusals whose turn it is. They are noted again when answered.
    fn again(&mut self) -> Vec<Guard> {
        let granted =
            self.answers.0.iter().filter(|(_, answer)| **answer).map(|(question, _)| question.clone());
        let mut questions: Vec<_> = granted.collect();
        let turn = self.refused.len().min(REFUSALS_AT_ONCE);
        questions.extend(self.refused.drain(..turn));
        questions
    }

    /// Questions that got no answer.
    fn put_back(&mut self, questions: Vec<Guard>) {
        let answers = &self.answers.0;
        self.refused.extend(questions.into_iter().filter(|question| answers.get(question) == Some(&false)));
    }
}

// === impl Answers ===

impl Answers {
    /// Whether the caller may see what is guarded so; what was never asked is refused.
    pub(super) fn allow(&self, guard: Option<&Guard>) -> bool {
        guard.is_some_and(|guard| guard.rights().iter().any(|right| self.0.get(right) == Some(&true)))
    }

    /// Whether everything was asked that is needed to judge.
    fn know(&self, guard: &Guard) -> bool {
        self.allow(Some(guard)) || guard.rights().iter().all(|right| self.0.contains_key(right))
    }

    /// Takes over what was never asked before about `guards`.
    pub(super) fn extend<'a>(&mut self, newer: &Self, guards: impl Iterator<Item = &'a Guard>) {
        for right in guards.flat_map(Guard::rights) {
            if let (false, Some(answer)) = (self.0.contains_key(&right), newer.0.get(&right)) {
                self.0.insert(right, *answer);
            }
        }
    }
}
