//! How object versions and changes are laid out in the file. Numbers are little-endian.
//!
//! ```text
//! version  crc32 u32 · revision u64 · written u64 · bytes
//! change   crc32 u32 · written u64 · resource u16 + bytes · key u16 + bytes · there is one after u8 · version before, if any
//! ```
//! Each checksum is of all that follows it: what the disk gives back is what was written, or a fault.

use crate::fault::Fault;

/// One version of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The revision of the change that made it.
    pub revision: u64,
    /// When that was, in microseconds since the epoch.
    pub written: u64,
    /// The object, as it was handed in.
    pub bytes: Vec<u8>,
}

/// One change, so that it can be taken back: with the version before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Undo {
    pub(crate) written: u64,
    pub(crate) resource: String,
    pub(crate) key: String,
    /// Whether there is an object after it.
    pub(crate) put: bool,
    pub(crate) before: Option<Version>,
}

/// Bytes that are read from the front.
struct Reader<'a>(&'a [u8]);

// === impl Version ===

impl Version {
    pub(crate) fn encode(revision: u64, written: u64, bytes: &[u8]) -> Vec<u8> {
        let mut row = Vec::with_capacity(bytes.len() + 20);
        row.extend_from_slice(&[0; 4]);
        row.extend_from_slice(&revision.to_le_bytes());
        row.extend_from_slice(&written.to_le_bytes());
        row.extend_from_slice(bytes);
        seal(row)
    }

    pub(crate) fn decode(row: &[u8]) -> Result<Self, Fault> {
        let mut reader = Reader(unseal(row)?);
        let (revision, written) = (reader.number()?, reader.number()?);
        Ok(Self { revision, written, bytes: reader.0.to_vec() })
    }
}

// === impl Undo ===

impl Undo {
    /// `before` is an encoded version.
    pub(crate) fn encode(
        written: u64,
        resource: &str,
        key: &str,
        put: bool,
        before: Option<&[u8]>,
    ) -> Vec<u8> {
        let before = before.unwrap_or_default();
        let mut row = Vec::with_capacity(before.len() + resource.len() + key.len() + 17);
        row.extend_from_slice(&[0; 4]);
        row.extend_from_slice(&written.to_le_bytes());
        for text in [resource, key] {
            // Names in Kubernetes are far shorter: a longer one is cut, and fails when it is read.
            let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
            row.extend_from_slice(&length.to_le_bytes());
            row.extend_from_slice(text.as_bytes());
        }
        row.push(u8::from(put));
        row.extend_from_slice(before);
        seal(row)
    }

    pub(crate) fn decode(row: &[u8]) -> Result<Self, Fault> {
        let mut reader = Reader(unseal(row)?);
        let written = reader.number()?;
        let (resource, key) = (reader.text()?, reader.text()?);
        let put = reader.take(1)? == [1];
        let before = if reader.0.is_empty() { None } else { Some(Version::decode(reader.0)?) };
        Ok(Self { written, resource, key, put, before })
    }
}

/// When a change was written: the first field, read without the rest.
pub(crate) fn written(row: &[u8]) -> Result<u64, Fault> {
    Reader(row.get(4..).ok_or_else(short)?).number()
}

// === impl Reader ===

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Fault> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(short)?;
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self) -> Result<u64, Fault> {
        let bytes = self.take(8)?.try_into().map_err(|_| short())?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn text(&mut self) -> Result<String, Fault> {
        let bytes = self.take(2)?.try_into().map_err(|_| short())?;
        let text = self.take(u16::from_le_bytes(bytes).into())?;
        String::from_utf8(text.to_vec()).map_err(|error| Fault::damaged(error.to_string()))
    }
}

fn short() -> Fault {
    Fault::damaged("a row is cut short")
}

fn seal(mut row: Vec<u8>) -> Vec<u8> {
    let sum = crc32fast::hash(&row[4..]);
    row[..4].copy_from_slice(&sum.to_le_bytes());
    row
}

fn unseal(row: &[u8]) -> Result<&[u8], Fault> {
    let (sum, rest) = row.split_at_checked(4).ok_or_else(short)?;
    if sum == crc32fast::hash(rest).to_le_bytes() {
        Ok(rest)
    } else {
        Err(Fault::damaged("a row has another checksum"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_as_written() {
        let version = Version { revision: 7, written: 9, bytes: b"{}".to_vec() };
        let row = Version::encode(7, 9, b"{}");
        assert_eq!(Version::decode(&row).as_ref(), Ok(&version));
        for before in [None, Some(&row[..])] {
            for put in [true, false] {
                let undo = Undo::encode(11, "tasks", "default/a", put, before);
                let read = Undo::decode(&undo).unwrap();
                assert_eq!(
                    (read.written, read.resource.as_str(), read.key.as_str()),
                    (11, "tasks", "default/a")
                );
                assert_eq!((read.put, read.before), (put, before.map(|_| version.clone())));
                assert_eq!(written(&undo), Ok(11));
            }
        }
    }

    #[test]
    fn any_change_of_a_byte_is_seen() {
        let version = Version::encode(7, 9, b"{\"a\":1}");
        let undo = Undo::encode(11, "tasks", "default/a", true, Some(&version));
        for (row, read) in [
            (&version, (|row| Version::decode(row).is_ok()) as fn(&[u8]) -> bool),
            (&undo, |row| Undo::decode(row).is_ok()),
        ] {
            assert!(read(row));
            for at in 0..row.len() {
                let mut damaged = row.clone();
                damaged[at] ^= 4;
                assert!(!read(&damaged), "{at}");
                assert!(!read(&row[..at]), "{at}");
            }
        }
    }
}
