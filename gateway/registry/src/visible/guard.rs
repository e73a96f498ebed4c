//! What stands between an object and its readers.

use std::collections::HashSet;
use std::sync::Arc;

use futures::future::BoxFuture;
use futures::{StreamExt, TryStreamExt, stream};

use crate::resource::Version;
use crate::status::Status;

/// How many answers are waited for at once.
const AT_ONCE: usize = 32;

/// What a caller must have a right to, to see an object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Guard {
    /// The namespace; empty: the cluster.
    pub namespace: Arc<str>,
    /// The name; empty: all names.
    pub name: Arc<str>,
}

/// Answers for one caller.
pub trait Viewer: Send + Sync {
    /// Who that is: equal for callers who are the same to whoever decides, and for no others.
    fn identity(&self) -> &str;

    /// Whether the caller has the right; an error if that cannot be told.
    fn may<'a>(&'a self, guard: &'a Guard) -> BoxFuture<'a, Result<bool, Status>>;
}

impl Guard {
    /// The guard of an object of a view.
    pub(crate) fn of(object: &Version) -> Option<&Self> {
        object.derived().guard()
    }

    /// The rights that let through, the widest first: to all there is, to all of the namespace, to the one.
    pub(super) fn rights(&self) -> [Self; 3] {
        let nothing = || Arc::<str>::from("");
        [
            Self { namespace: nothing(), name: nothing() },
            Self { namespace: self.namespace.clone(), name: nothing() },
            self.clone(),
        ]
    }
}

/// What is answered to each question.
pub(super) async fn ask(
    viewer: &dyn Viewer,
    questions: impl IntoIterator<Item = Guard>,
) -> Result<Vec<(Guard, bool)>, Status> {
    let answers = questions.into_iter().map(|question| async move {
        let answer = viewer.may(&question).await?;
        Ok((question, answer))
    });
    stream::iter(answers).buffer_unordered(AT_ONCE).try_collect().await
}

/// Whether the caller may see the object of `guard`, asked without memory.
pub(super) async fn passes(viewer: &dyn Viewer, guard: &Guard) -> Result<bool, Status> {
    let mut asked = HashSet::new();
    for right in guard.rights() {
        if asked.insert(right.clone()) && viewer.may(&right).await? {
            return Ok(true);
        }
    }
    Ok(false)
}
