//! Backups of a file that is written meanwhile, and what is restored of them.

use std::io::{BufReader, Cursor};

use rand::SeedableRng;
use rand::rngs::StdRng;

use super::disk::Disk;
use super::model::{ALL, RESOURCES, Seen};
use crate::backup::Moment;
use crate::{Change, Database, Fault, Stamp};

const NOW: u64 = 1_000_000_000;
const GROUP: &str = "g.example.com";

fn write(database: &mut Database, key: &str, put: Option<&str>) -> Stamp {
    let put = put.map(|text| text.as_bytes().to_vec());
    let change = Change { resource: RESOURCES[0].into(), key: key.to_owned(), put };
    database.commit(&[change], NOW).unwrap()[0]
}

fn seen(database: &Database) -> Seen {
    let mut seen = Seen::default();
    database.read(RESOURCES[0], ALL, &mut seen).unwrap();
    seen
}

fn open(disk: &Disk, group: &str) -> Database {
    Database::open(disk.clone(), group, NOW).unwrap()
}

fn backup(moment: &Moment) -> Vec<u8> {
    let mut backup = Vec::new();
    moment.write(&mut backup).unwrap();
    backup
}

#[test]
fn a_backup_is_of_one_moment() {
    let mut database = open(&Disk::default(), GROUP);
    write(&mut database, "default/a", Some("{\"a\":1}"));
    write(&mut database, "default/b", Some("{\"text\":\"two\\nlines\"}"));
    let moment = Moment::of(&database).unwrap();
    let before = seen(&database);
    write(&mut database, "default/a", Some("{\"a\":2}"));
    write(&mut database, "default/b", None);
    let last = write(&mut database, "default/c", Some("{}"));
    let backup = backup(&moment);
    assert_eq!(backup.iter().filter(|byte| **byte == b'\n').count(), 4, "head, two objects, end");

    let restored = database.restore(&mut Cursor::new(&backup)).unwrap();
    assert_eq!((restored.objects, restored.revision), (2, last.revision + (1 << 40)));
    let after = seen(&database);
    assert_eq!(after.objects, before.objects);
    assert_eq!((after.contents.floor, after.contents.history.len()), (restored.revision, 0));
    assert_eq!(write(&mut database, "default/d", Some("{}")).revision, restored.revision + 1);

    // Into a new file, too, and a file of another group takes none of it.
    let mut new = open(&Disk::default(), GROUP);
    let restored = new.restore(&mut Cursor::new(&backup)).unwrap();
    assert!(restored.revision > 1 << 40);
    assert_eq!(seen(&new).objects, before.objects);
    let mut other = open(&Disk::default(), "h.example.com");
    write(&mut other, "default/z", Some("{}"));
    let refused = other.restore(&mut Cursor::new(&backup)).unwrap_err();
    assert_eq!(refused.to_string(), Fault::Group(GROUP.to_owned()).to_string());
    assert_eq!(seen(&other).objects.len(), 1);
}

#[test]
fn what_is_no_whole_backup_changes_nothing() {
    let mut database = open(&Disk::default(), GROUP);
    for key in 0..20 {
        write(&mut database, &format!("default/{key}"), Some("{\"a\":\"some text\"}"));
    }
    let backup = backup(&Moment::of(&database).unwrap());
    write(&mut database, "default/new", Some("{}"));
    let before = seen(&database);
    let mut refused = |what: &str, content: &[u8]| {
        let why = database.restore(&mut BufReader::new(content)).unwrap_err().to_string();
        assert_eq!(seen(&database), before, "{what}");
        why
    };
    for length in (0..backup.len()).step_by(97) {
        assert!(refused("cut", &backup[..length]).contains("is cut short"));
    }
    let text = String::from_utf8(backup.clone()).unwrap();
    let without: String = text
        .lines()
        .enumerate()
        .filter(|(line, _)| *line != 5)
        .map(|(_, line)| format!("{line}\n"))
        .collect();
    assert!(refused("a line less", without.as_bytes()).contains("the backup was changed"));
    assert!(
        refused("other text", text.replace("some", "same").as_bytes()).contains("the backup was changed")
    );
    assert!(refused("no backup", b"apiVersion: v1\n").contains("line 1 of the backup: this is no backup"));
    let newer = text.replace("\"tributaryBackup\":1", "\"tributaryBackup\":2");
    assert!(refused("a newer one", newer.as_bytes()).contains("this version reads up to 1"));
}

/// A power cut while a backup is restored leaves what there was, or what was restored.
#[test]
fn power_cuts_while_restoring() {
    let disk = Disk::default();
    let mut database = open(&disk, GROUP);
    for key in 0..30 {
        write(&mut database, &format!("default/{key}"), Some("{\"a\":1}"));
    }
    let backup = backup(&Moment::of(&database).unwrap());
    for key in 0..10 {
        write(&mut database, &format!("default/{key}"), None);
    }
    let before = seen(&database);
    disk.remember(StdRng::seed_from_u64(1));
    database.restore(&mut Cursor::new(&backup)).unwrap();
    let after = seen(&database);
    let images = disk.images();
    assert!(images.len() > 10);
    for (step, image) in images.into_iter().enumerate() {
        let found = seen(&open(&Disk::of(image), GROUP));
        assert!(found == before || found == after, "image {step}: {} objects", found.objects.len());
    }
}
