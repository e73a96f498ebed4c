//! Files of every format that there was are read.

use std::path::PathBuf;

use super::disk::Disk;
use super::model::{ALL, RESOURCES, Seen};
use crate::{Change, Database, Fault};

const NOW: u64 = 1_800_000_000_000_000;
const GROUP: &str = "g.example.com";

fn file(format: u64) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("data/format-{format}.redb"))
}

fn changes() -> [Change; 4] {
    [
        ("default/a", Some("{\"a\":1}")),
        ("default/b", Some("{}")),
        ("default/a", Some("{\"a\":2}")),
        ("default/b", None),
    ]
    .map(|(key, put)| Change {
        resource: RESOURCES[0].into(),
        key: key.to_owned(),
        put: put.map(|text| text.as_bytes().to_vec()),
    })
}

/// `TRIBUTARY_WRITE_FORMAT=N` writes the file of the format of now: done once, when a format is made.
#[test]
fn every_format_is_read() {
    if let Ok(format) = std::env::var("TRIBUTARY_WRITE_FORMAT") {
        let disk = Disk::default();
        let mut database = Database::open(disk.clone(), GROUP, NOW).unwrap();
        database.commit(&changes(), NOW).unwrap();
        drop(database);
        std::fs::write(file(format.parse().unwrap()), disk.content()).unwrap();
    }
    for format in 1..=1 {
        let content = std::fs::read(file(format)).unwrap();
        let mut database = Database::open(Disk::of(content), GROUP, NOW).unwrap();
        let mut seen = Seen::default();
        database.read(RESOURCES[0], ALL, &mut seen).unwrap();
        let objects: Vec<_> =
            seen.objects.iter().map(|(key, version)| (key.as_str(), version.bytes.as_slice())).collect();
        assert_eq!(objects, [("default/a", &b"{\"a\":2}"[..])], "format {format}");
        assert_eq!(seen.contents.history.len(), 4, "format {format}");
        let stamps = database.commit(&changes()[1..2], NOW).unwrap();
        assert_eq!(stamps[0].revision, seen.contents.revision + 1);
    }
}

#[test]
fn a_newer_format_is_refused() {
    let disk = Disk::default();
    drop(Database::open(disk.clone(), GROUP, NOW).unwrap());
    let file = redb::Builder::new().create_with_backend(disk.clone()).unwrap();
    let transaction = file.begin_write().unwrap();
    transaction.open_table(crate::database::NUMBERS).unwrap().insert("format", 9).unwrap();
    transaction.commit().unwrap();
    drop(file);
    let content = disk.content();
    let refused = Database::open(disk.clone(), GROUP, NOW).unwrap_err();
    assert_eq!(refused, Fault::Format { found: 9, known: 1 });
    // It is the newer gateway's as it was.
    let file = redb::Builder::new().create_with_backend(Disk::of(content)).unwrap();
    assert!(redb::ReadableDatabase::begin_read(&file).unwrap().open_table(crate::database::NUMBERS).is_ok());
}
