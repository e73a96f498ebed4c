//! Any call of the disk can fail: what was acknowledged stays, and it goes on when the disk does.

use std::io::ErrorKind;

use rand::SeedableRng;
use rand::rngs::StdRng;

use super::disk::Disk;
use super::model::Model;
use super::random::{batch, seeds};
use crate::{Database, Fault};

const NOW: u64 = 1_000_000_000;
const GROUP: &str = "g.example.com";

#[test]
fn every_call_can_fail() {
    for seed in seeds(3) {
        let mut call = 0;
        while scenario(seed, call) {
            call += 1;
        }
        assert!(call > 100, "the disk is called {call} times only");
    }
}

/// Writes batches, of which one meets a call that fails; false where there are not so many calls.
fn scenario(seed: u64, call: usize) -> bool {
    let mut random = StdRng::seed_from_u64(seed);
    let disk = Disk::default();
    let mut database = Some(Database::open(disk.clone(), GROUP, NOW).unwrap());
    let mut model = Model::of(database.as_ref().unwrap());
    disk.fail_after(call, 1, ErrorKind::StorageFull);
    let (begin, mut failed) = (disk.calls(), false);
    for _ in 0..6 {
        let changes = batch(&mut model, &mut random);
        let mut with = model.clone();
        match database.as_mut().unwrap().commit(&changes, NOW) {
            Ok(stamps) => {
                changes.iter().zip(stamps).for_each(|(change, stamp)| model.apply(change, stamp));
                continue;
            }
            Err(fault) => assert!(matches!(fault, Fault::Full(_)), "call {call}: {fault}"),
        }
        failed = true;
        drop(database.take());
        let opened =
            Database::open(disk.clone(), GROUP, NOW).unwrap_or_else(|fault| panic!("call {call}: {fault}"));
        if opened.revision() != model.revision {
            for change in &changes {
                with.apply(change, crate::Stamp { revision: with.revision + 1, written: NOW });
            }
            model = with;
        }
        assert_eq!(opened.revision(), model.revision, "call {call}: half of a batch");
        model.check(&opened).unwrap_or_else(|what| panic!("seed {seed}, call {call}: {what}"));
        database = Some(opened);
    }
    drop(database);
    disk.mend();
    let opened =
        Database::open(disk.clone(), GROUP, NOW).unwrap_or_else(|fault| panic!("call {call}: {fault}"));
    model.check(&opened).unwrap_or_else(|what| panic!("seed {seed}, call {call}: {what}"));
    failed || disk.calls() - begin > call
}

#[test]
fn what_is_told_of_a_file() {
    type Make = fn(&Disk);
    let cases: [(&str, Make, &str); 5] = [
        (
            "read-only",
            |disk| disk.fail_after(0, 100, ErrorKind::ReadOnlyFilesystem),
            "the volume is read-only",
        ),
        ("full", |disk| disk.fail_after(4, 100, ErrorKind::StorageFull), "the volume is full"),
        ("broken", |disk| disk.fail_after(2, 100, ErrorKind::Other), "the disk failed"),
        (
            "of another group",
            |disk| drop(Database::open(disk.clone(), "h.example.com", NOW)),
            "the data belongs to the group h",
        ),
        ("no database", |disk| disk_write(disk, &[7; 8192]), "the database file is damaged"),
    ];
    for (what, make, told) in cases {
        let disk = Disk::default();
        make(&disk);
        let fault = Database::open(disk, GROUP, NOW).err().map(|fault| fault.to_string()).unwrap_or_default();
        assert!(fault.contains(told), "{what}: {fault:?}");
    }
}

fn disk_write(disk: &Disk, data: &[u8]) {
    redb::StorageBackend::write(disk, 0, data).unwrap();
}
