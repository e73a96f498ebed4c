//! The side of whoever makes or restores a backup.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;

use anyhow::{Context, bail};
use tributary_sources::copy_backup;

use super::{BACKUP, REFUSED, RESTORE, socket_of};
use crate::args::Backup;

/// Writes a backup of the gateway that has the file open. One that is not whole is an error.
pub(crate) fn backup(flags: &Backup) -> anyhow::Result<()> {
    let stream = call(&flags.data, BACKUP)?;
    let mut from = BufReader::new(&stream);
    refused(&mut from)?;
    let objects = match flags.path() {
        None => copy_backup(&mut from, &mut BufWriter::new(io::stdout().lock()))?,
        Some(path) => {
            // A name that is there is that of a whole one.
            let part = path.with_extension("part");
            let file = File::create(&part).with_context(|| part.display().to_string())?;
            let copied = copy_backup(&mut from, &mut BufWriter::new(&file));
            let copied = copied.and_then(|objects| {
                file.sync_all()?;
                fs::rename(&part, path)?;
                Ok(objects)
            });
            copied.inspect_err(|_| drop(fs::remove_file(&part)))?
        }
    };
    say(&format!("{objects} objects"));
    Ok(())
}

/// Has the gateway put a backup in the place of all that it keeps.
pub(crate) fn restore(flags: &Backup) -> anyhow::Result<()> {
    let mut stream = call(&flags.data, RESTORE)?;
    let sent = match flags.path() {
        None => io::copy(&mut io::stdin().lock(), &mut stream),
        Some(path) => {
            let mut file = File::open(path).with_context(|| path.display().to_string())?;
            io::copy(&mut file, &mut stream)
        }
    };
    // The gateway may have seen already that it is no backup: what it says tells more.
    let sent = sent.and_then(|_| stream.shutdown(Shutdown::Write));
    let mut answer = BufReader::new(&stream);
    refused(&mut answer)?;
    let mut said = String::new();
    answer.read_to_string(&mut said)?;
    if said.is_empty() {
        sent.context("the gateway did not take the backup")?;
        bail!("the gateway gave no answer; its log tells more");
    }
    say(said.trim_end());
    Ok(())
}

fn call(data: &Path, wish: &str) -> anyhow::Result<UnixStream> {
    let socket = socket_of(data);
    let mut stream = UnixStream::connect(&socket).with_context(|| {
        format!(
            "no gateway runs with the database file {}: {} cannot be reached",
            data.display(),
            socket.display()
        )
    })?;
    writeln!(stream, "{wish}")?;
    Ok(stream)
}

/// What the gateway says instead.
fn refused(from: &mut impl BufRead) -> anyhow::Result<()> {
    if !from.fill_buf()?.starts_with(REFUSED.as_bytes()) {
        return Ok(());
    }
    let mut why = String::new();
    from.read_line(&mut why)?;
    bail!("{}", why.trim_start_matches(REFUSED).trim_end())
}

/// Beside the backup, which may go to standard output.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
