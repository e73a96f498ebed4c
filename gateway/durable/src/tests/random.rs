//! Any changes, in batches of any size, with the file closed and opened between them.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::disk::Disk;
use super::model::{ALL, Model, RESOURCES, Seen};
use crate::{Change, Database, Limits};

/// A second, and five minutes, in microseconds.
const SECOND: u64 = 1_000_000;

/// So many seeds; more where the environment says so (`make soak`).
pub(super) fn seeds(usual: u64) -> std::ops::Range<u64> {
    let times = std::env::var("TRIBUTARY_SEEDS").ok().and_then(|times| times.parse().ok()).unwrap_or(1);
    0..usual * times
}

/// Makes a batch of changes that fit one after the other.
pub(super) fn batch(model: &mut Model, random: &mut StdRng) -> Vec<Change> {
    let mut ahead = model.clone();
    (0..random.random_range(1..8))
        .map(|_| {
            let change = ahead.change(random);
            let stamp = crate::Stamp { revision: ahead.revision + 1, written: 0 };
            ahead.apply(&change, stamp);
            change
        })
        .collect()
}

#[test]
fn the_file_is_the_model() {
    for seed in seeds(40) {
        let mut random = StdRng::seed_from_u64(seed);
        let disk = Disk::default();
        let mut now = 1_000 * SECOND;
        let mut database = Database::open(disk.clone(), "g.example.com", now).unwrap();
        let mut model = Model::of(&database);
        for _ in 0..60 {
            now += random.random_range(0..10 * SECOND);
            let changes = batch(&mut model, &mut random);
            let stamps = database.commit(&changes, now).unwrap();
            changes.iter().zip(stamps).for_each(|(change, stamp)| model.apply(change, stamp));
            if random.random_bool(0.2) {
                drop(database);
                database = Database::open(Disk::of(disk.content()), "g.example.com", now).unwrap();
                drop(database);
                database = Database::open(disk.clone(), "g.example.com", now).unwrap();
            }
            if random.random_bool(0.1) {
                database.compact().unwrap();
            }
            assert_eq!(database.revision(), model.revision, "seed {seed}");
            model.check(&database).unwrap_or_else(|what| panic!("seed {seed}: {what}"));
        }
    }
}

#[test]
fn changes_are_kept_for_five_minutes() {
    let mut now = 1_000 * SECOND;
    let mut database = Database::open(Disk::default(), "g.example.com", now).unwrap();
    let begin = database.revision();
    let mut write = |key: u64, now: u64| {
        let put = Some(b"{}".to_vec());
        let change = Change { resource: RESOURCES[0].into(), key: format!("default/{key}"), put };
        database.commit(&[change], now).unwrap();
        let mut seen = Seen::default();
        database.read(RESOURCES[0], ALL, &mut seen).unwrap();
        (seen.contents.floor - begin, seen.contents.history.len())
    };
    for key in 1..=10 {
        assert_eq!(write(key, now), (0, key as usize));
        now += 30 * SECOND;
    }
    // Ten of them, half a minute apart: the first is five minutes old, and no older.
    assert_eq!(write(11, now), (0, 11));
    assert_eq!(write(12, now + 1), (1, 11));
    assert_eq!(write(13, now + 300 * SECOND), (10, 3));
    assert_eq!(write(14, now + 900 * SECOND), (13, 1));
}

#[test]
fn the_past_is_read_up_to_a_limit() {
    let mut random = StdRng::seed_from_u64(1);
    let mut database = Database::open(Disk::default(), "g.example.com", SECOND).unwrap();
    let mut model = Model::of(&database);
    for _ in 0..20 {
        let changes = batch(&mut model, &mut random);
        let stamps = database.commit(&changes, SECOND).unwrap();
        changes.iter().zip(stamps).for_each(|(change, stamp)| model.apply(change, stamp));
    }
    for (changes, bytes) in [(7, usize::MAX), (usize::MAX, 2_000), (0, 0)] {
        let mut seen = Seen::default();
        database.read(RESOURCES[0], Limits { changes, bytes }, &mut seen).unwrap();
        assert!(seen.contents.floor > model.revision - 60, "{changes} {bytes}");
        if changes == 7 {
            assert_eq!(seen.contents.floor, model.revision - 7);
        }
        model.check_resource(RESOURCES[0], &seen).unwrap();
    }
}
