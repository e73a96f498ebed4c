//! What a backup has takes the place of what the file has.

use std::io::BufRead;

use crate::backup::{BackupError, End, Head, read};
use crate::database::{CHANGES, Database, OBJECTS, begin};
use crate::fault::Fault;
use crate::record::Version;

/// How far revisions go on from all that there were, so that no client that has seen one believes that nothing has changed
/// since. Above what any file can have been written after its backup.
const AHEAD: u64 = 1 << 40;

/// What was restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restored {
    /// How many objects there are now.
    pub objects: u64,
    /// The revision from which the file goes on.
    pub revision: u64,
}

impl Database {
    /// Puts the objects of a backup in the place of all that there are, all of them or none. They keep their revisions; no
    /// change before this is known any more.
    pub(crate) fn restore(&mut self, from: &mut dyn BufRead) -> Result<Restored, BackupError> {
        let transaction = begin(&self.file)?;
        transaction.delete_table(OBJECTS).map_err(Fault::from)?;
        transaction.delete_table(CHANGES).map_err(Fault::from)?;
        let mut bytes = 0;
        let (head, End { objects, .. }) = {
            let mut table = transaction.open_table(OBJECTS).map_err(Fault::from)?;
            transaction.open_table(CHANGES).map_err(Fault::from)?;
            read(
                from,
                |_| Ok(()),
                |line| {
                    let row = Version::encode(line.revision, line.written, line.object.get().as_bytes());
                    bytes += row.len() as u64;
                    table.insert((line.resource, line.key), row.as_slice())?;
                    Ok(())
                },
            )?
        };
        self.check_owner(&head)?;
        let revision = self.revision().max(head.revision) + AHEAD;
        self.finish_anew(transaction, revision, bytes)?;
        Ok(Restored { objects, revision })
    }

    fn check_owner(&self, head: &Head) -> Result<(), Fault> {
        if head.group == self.group { Ok(()) } else { Err(Fault::Group(head.group.clone())) }
    }
}
