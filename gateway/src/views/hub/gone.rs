//! What is known of a source no longer.

use tributary_sources::view::{Changes, Listed};

/// What goes while the sources are locked. Taking the objects of a whole source down takes time that no other source is to
/// wait for: this is made before the lock, and so dropped after it.
#[derive(Default)]
pub(super) struct Gone {
    lists: Vec<Listed>,
    changes: Vec<Changes>,
}

impl Gone {
    pub(super) fn list(&mut self, list: Option<Listed>) {
        self.lists.extend(list);
    }

    pub(super) fn untaken(&mut self, (list, changes): (Option<Listed>, Changes)) {
        self.lists.extend(list);
        self.changes.push(changes);
    }
}
