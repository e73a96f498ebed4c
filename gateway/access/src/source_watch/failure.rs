//! Why a source cannot be read.

use kube::core::Status;
use tributary_crds::SourceReason;

/// Why a source cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceFailure {
    /// The gateway may not list or watch it.
    #[error("forbidden: {0}")]
    Forbidden(String),
    /// There is no such resource, or not yet.
    #[error("not found: {0}")]
    Missing(String),
    /// Anything else.
    #[error("{0}")]
    Unavailable(String),
}

/// Why reading stopped.
pub(super) enum Stop {
    /// Nobody takes the events any more.
    Unheard,
    /// What is to be told is no longer known: the whole is to be listed.
    Expired,
    /// An answer of more than so many bytes.
    TooLarge(usize),
    /// Something that is to be told.
    Failed(SourceFailure),
}

// === impl SourceFailure ===

impl SourceFailure {
    /// What would mend it.
    #[must_use]
    pub fn reason(&self) -> SourceReason {
        match self {
            Self::Forbidden(_) => SourceReason::Forbidden,
            Self::Missing(_) => SourceReason::NotFound,
            Self::Unavailable(_) => SourceReason::Unavailable,
        }
    }
}

// === impl Stop ===

impl Stop {
    pub(super) fn unavailable(why: impl Into<String>) -> Self {
        Self::Failed(SourceFailure::Unavailable(why.into()))
    }

    pub(super) fn of_status(status: &Status) -> Self {
        Self::refused(status.code, status.message.clone())
    }

    pub(super) fn refused(code: u16, message: String) -> Self {
        match code {
            403 => Self::Failed(SourceFailure::Forbidden(message)),
            404 => Self::Failed(SourceFailure::Missing(message)),
            410 => Self::Expired,
            _ => Self::unavailable(message),
        }
    }
}

impl From<kube::Error> for Stop {
    fn from(error: kube::Error) -> Self {
        Self::unavailable(error.to_string())
    }
}

impl From<serde_json::Error> for Stop {
    fn from(error: serde_json::Error) -> Self {
        Self::unavailable(format!("what was answered is no JSON that was expected: {error}"))
    }
}
