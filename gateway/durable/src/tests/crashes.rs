//! The file as a power cut leaves it at any moment opens, and has all that was acknowledged.

use rand::SeedableRng;
use rand::rngs::StdRng;

use super::disk::Disk;
use super::model::Model;
use super::random::{batch, seeds};
use crate::{Database, Fault};

const NOW: u64 = 1_000_000_000;
const GROUP: &str = "g.example.com";

/// The file has what was acknowledged, or with it the batch that was under way, whole.
fn check(content: Vec<u8>, acknowledged: &Model, under_way: &Model) -> Result<(), String> {
    let database = Database::open(Disk::of(content), GROUP, NOW).map_err(|fault| fault.to_string())?;
    let model = if database.revision() == acknowledged.revision { acknowledged } else { under_way };
    if database.revision() != model.revision {
        return Err(format!("it is at revision {}", database.revision()));
    }
    model.check(&database)
}

#[test]
fn power_cuts_at_every_write() {
    let mut checked = 0;
    for seed in seeds(6) {
        let mut random = StdRng::seed_from_u64(seed);
        let disk = Disk::default();
        let mut database = Database::open(disk.clone(), GROUP, NOW).unwrap();
        let mut model = Model::of(&database);
        disk.remember(StdRng::seed_from_u64(seed));
        for commit in 0..12 {
            let changes = batch(&mut model, &mut random);
            let before = model.clone();
            let stamps = database.commit(&changes, NOW).unwrap();
            changes.iter().zip(stamps).for_each(|(change, stamp)| model.apply(change, stamp));
            // What was remembered is from before the word that it is done.
            for (step, image) in disk.images().into_iter().enumerate() {
                checked += 1;
                check(image, &before, &model)
                    .unwrap_or_else(|what| panic!("seed {seed}, commit {commit}, image {step}: {what}"));
            }
            check(disk.synced(), &model, &model)
                .unwrap_or_else(|what| panic!("seed {seed}, after commit {commit}: {what}"));
        }
        database.compact().unwrap();
        for (step, image) in disk.images().into_iter().enumerate() {
            checked += 1;
            check(image, &model, &model)
                .unwrap_or_else(|what| panic!("seed {seed}, compaction, image {step}: {what}"));
        }
    }
    assert!(checked > 1_000, "{checked} images only");
}

/// A byte that the disk changed by itself is told, or is in what is free.
#[test]
fn damage_is_told() {
    let mut random = StdRng::seed_from_u64(3);
    let disk = Disk::default();
    let mut database = Database::open(disk.clone(), GROUP, NOW).unwrap();
    let mut model = Model::of(&database);
    for _ in 0..10 {
        let changes = batch(&mut model, &mut random);
        let stamps = database.commit(&changes, NOW).unwrap();
        changes.iter().zip(stamps).for_each(|(change, stamp)| model.apply(change, stamp));
    }
    drop(database);
    let content = disk.content();
    let mut told = 0;
    for at in (0..content.len()).step_by(509) {
        let mut damaged = content.clone();
        damaged[at] ^= 0x10;
        let read = std::panic::catch_unwind(|| {
            let database = Database::open(Disk::of(damaged), GROUP, NOW)?;
            model.check(&database).map_err(Fault::damaged)
        });
        if !matches!(read, Ok(Ok(()))) {
            told += 1;
        }
    }
    assert!(told > 0, "nothing that was damaged was seen");
}
