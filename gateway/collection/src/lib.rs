//! The ordered map of object versions that every source fills and every read is answered from.
//!
//! A [`Collection`] holds the current version of each object of one resource, in the order of Kubernetes'
//! storage keys, and a bounded log of its recent changes. Reads take a [`Snapshot`], a pointer to a
//! persistent map: they hold no lock, and a list that is written to a slow client delays nobody.
//!
//! Nothing here reads a clock, waits or does IO: whoever commits gives the revision and the time.

mod collection;
mod encoded;
mod event;
mod fields;
mod key;
mod label_set;
mod labels;
mod log;
mod object;
mod page;
mod retained;
mod skipped;

pub use collection::{Collection, Commit, CommitError, Snapshot};
pub use encoded::{EncodeError, Encoded};
pub use event::{Event, EventType, Interest};
pub use fields::{FieldRequirement, FieldSelector, FieldSelectorError, Selectable};
pub use key::{Key, Scope};
pub use label_set::LabelSet;
pub use labels::{LabelOperator, LabelRequirement, LabelSelector, LabelSelectorError};
pub use log::{Change, ChangeKind, Expired, LogLimits};
pub use object::{Lens, Object};
pub use page::{Page, Query};
