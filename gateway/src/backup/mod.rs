//! Backups of a gateway that runs: a socket beside the database file, and the commands that call it.
//!
//! Whoever can run a command in the gateway's container can reach it, nobody else: it is a file that only the gateway's user
//! may open. A client says `backup` or `restore` on a line; what follows is a backup, in the one direction or the other.

mod command;
mod socket;

use std::path::{Path, PathBuf};

pub(crate) use command::{backup, restore};
pub(crate) use socket::serve;

const BACKUP: &str = "backup";
const RESTORE: &str = "restore";
/// What an answer that is no backup begins with.
const REFUSED: &str = "error: ";

/// The socket beside a database file.
fn socket_of(data: &Path) -> PathBuf {
    data.with_extension("sock")
}
