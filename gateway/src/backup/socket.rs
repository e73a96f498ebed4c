//! The gateway's side.

use std::fs::{self, File, Permissions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream as Stream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::UnixListener;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};
use tributary_sources::{Committer, copy_backup};

use super::{BACKUP, REFUSED, RESTORE, socket_of};

/// How long a client may do nothing.
const PATIENCE: Duration = Duration::from_secs(60);
/// The longest line that says what a client wants, bytes.
const WISH: u64 = 64;

/// Serves backups of the file until cancelled, one after the other.
pub(crate) async fn serve(data: PathBuf, durable: Committer, cancel: CancellationToken) {
    let listener = match listen(&socket_of(&data)) {
        Ok(listener) => listener,
        Err(error) => {
            // Objects are served all the same.
            error!(%error, "backups cannot be made: the socket beside the database file cannot be opened");
            return cancel.cancelled().await;
        }
    };
    while let Some(accepted) = cancel.run_until_cancelled(listener.accept()).await {
        let (data, durable) = (data.clone(), durable.clone());
        let stream = accepted.and_then(|(stream, _)| stream.into_std());
        let served =
            tokio::task::spawn_blocking(move || stream.and_then(|stream| answer(&stream, &data, &durable)));
        if let Ok(Err(error)) = served.await {
            warn!(%error, "a backup or its client ended early");
        }
    }
    // It may be gone already; the next process makes another.
    let _ = fs::remove_file(socket_of(&data));
}

fn listen(path: &Path) -> io::Result<UnixListener> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
    Ok(listener)
}

fn answer(stream: &Stream, data: &Path, durable: &Committer) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut from = BufReader::new(stream);
    let mut wish = String::new();
    Read::take(&mut from, WISH).read_line(&mut wish)?;
    let mut to = BufWriter::new(stream);
    let done = match wish.trim_end() {
        BACKUP => durable.look().map_err(|fault| fault.to_string()).and_then(|moment| {
            // What was written of it stays without its end, by which the client sees it.
            let objects = moment.write(&mut to).map_err(|error| error.to_string())?;
            info!(objects, "a backup was made");
            Ok(String::new())
        }),
        RESTORE => restore(&mut from, data, durable),
        other => Err(format!("{other:?} is neither {BACKUP} nor {RESTORE}")),
    };
    match done {
        Ok(said) => to.write_all(said.as_bytes())?,
        Err(why) => writeln!(to, "{REFUSED}{why}")?,
    }
    to.flush()
}

/// Nothing is touched before all of the backup is here and whole.
fn restore(from: &mut impl BufRead, data: &Path, durable: &Committer) -> Result<String, String> {
    let path = data.with_extension("restore");
    let text = |error: io::Error| format!("{}: {error}", path.display());
    let restored = File::create(&path).map_err(text).and_then(|file| {
        copy_backup(from, &mut BufWriter::new(file)).map_err(|error| error.to_string())?;
        let backup = BufReader::new(File::open(&path).map_err(text)?);
        durable.restore(backup).map_err(|error| error.to_string())
    });
    // It is in the database file by now, or of no use.
    let _ = fs::remove_file(&path);
    restored.map(|restored| {
        format!("{} objects were restored; revisions go on from {}\n", restored.objects, restored.revision)
    })
}
