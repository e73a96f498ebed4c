//! The thread: one transaction for all that wait, and a file that comes and goes.

use std::io::ErrorKind;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::disk::Disk;
use super::model::{ALL, RESOURCES, Seen};
use crate::{Change, Committed, Committer, Contents, Fault, Observer, Reader, Stamp, Version};

#[derive(Default)]
struct Commits(Mutex<Vec<Committed>>);

impl Observer for Commits {
    fn committed(&self, commit: &Committed) {
        self.0.lock().unwrap().push(*commit);
    }
}

/// What was told last.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<(Seen, usize)>>);

impl Reader for Told {
    fn begin(&mut self) {
        self.0.lock().unwrap().0.begin();
    }

    fn objects(&mut self, part: Vec<(String, Version)>) {
        self.0.lock().unwrap().0.objects(part);
    }

    fn finish(&mut self, contents: Contents) {
        let mut told = self.0.lock().unwrap();
        told.0.finish(contents);
        told.1 += 1;
    }
}

struct Case {
    disk: Disk,
    commits: Arc<Commits>,
    committer: Committer,
}

fn start(disk: &Disk) -> Case {
    let commits = Arc::new(Commits::default());
    let committer = Committer::start(disk.clone(), "g.example.com", ALL, commits.clone()).unwrap();
    Case { disk: disk.clone(), commits, committer }
}

fn write(committer: &Committer, key: usize) -> Receiver<Result<Stamp, Fault>> {
    let (told, result) = channel();
    let put = Some(format!("{{\"key\":{key}}}").into_bytes());
    let change = Change { resource: RESOURCES[0].into(), key: format!("default/{key}"), put };
    committer.write(change, move |result| told.send(result).unwrap());
    result
}

fn within(seconds: u64, what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(seconds);
    while !holds() {
        assert!(Instant::now() < end, "{what}: not within {seconds} s");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn many_writers_share_a_commit() {
    let case = start(&Disk::default());
    let results: Vec<_> = (0..500).map(|key| write(&case.committer, key)).collect();
    let revisions: Vec<_> = results.iter().map(|result| result.recv().unwrap().unwrap().revision).collect();
    assert!(revisions.windows(2).all(|pair| pair[1] == pair[0] + 1), "one order for all");
    case.committer.close();
    let commits = case.commits.0.lock().unwrap();
    assert_eq!(commits.iter().map(|commit| commit.changes).sum::<usize>(), 500);
    assert!(commits.len() < 250, "{} commits", commits.len());
    assert_eq!(commits.last().unwrap().log, 500);
    assert_eq!(write(&case.committer, 1).recv().unwrap(), Err(Fault::Closed));
}

#[test]
fn readers_are_told_what_there_is() {
    let disk = Disk::default();
    let case = start(&disk);
    let results: Vec<_> = (0..10).map(|key| write(&case.committer, key)).collect();
    for result in results {
        result.recv().unwrap().unwrap();
    }
    case.committer.close();
    let case = start(&disk);
    let (told, none) = (Told::default(), Told::default());
    case.committer.attach(RESOURCES[0].into(), told.clone());
    case.committer.attach(RESOURCES[1].into(), none.clone());
    within(5, "both are told", || told.0.lock().unwrap().1 == 1 && none.0.lock().unwrap().1 == 1);
    assert_eq!(told.0.lock().unwrap().0.objects.len(), 10);
    assert_eq!(told.0.lock().unwrap().0.contents.history.len(), 10);
    assert!(none.0.lock().unwrap().0.objects.is_empty());
}

#[test]
fn a_disk_that_fails_heals() {
    let case = start(&Disk::default());
    let told = Told::default();
    case.committer.attach(RESOURCES[0].into(), told.clone());
    write(&case.committer, 1).recv().unwrap().unwrap();
    for kind in [ErrorKind::StorageFull, ErrorKind::ReadOnlyFilesystem, ErrorKind::Other] {
        case.disk.fail_after(0, usize::MAX, kind);
        let fault = write(&case.committer, 2).recv().unwrap().unwrap_err();
        let fits = match kind {
            ErrorKind::StorageFull => matches!(fault, Fault::Full(_)),
            ErrorKind::ReadOnlyFilesystem => matches!(fault, Fault::ReadOnly(_)),
            _ => matches!(fault, Fault::Disk(_)),
        };
        assert!(fits, "{fault}");
        assert_eq!(case.committer.fault(), Some(fault.clone()));
        // Those who come meanwhile are told at once.
        assert_eq!(write(&case.committer, 3).recv().unwrap(), Err(fault));
        case.disk.mend();
        within(5, "it is open again", || case.committer.fault().is_none());
        write(&case.committer, 4).recv().unwrap().unwrap();
    }
    // Nothing but what was acknowledged is there, so nobody had to be told anything anew.
    assert_eq!(told.0.lock().unwrap().1, 1);
}

/// A sync that fails after all was written: the change is in the file, and its reader is told of it.
#[test]
fn what_is_in_the_file_is_told() {
    let mut found = 0;
    for call in 0..60 {
        let case = start(&Disk::default());
        let told = Told::default();
        case.committer.attach(RESOURCES[0].into(), told.clone());
        write(&case.committer, 1).recv().unwrap().unwrap();
        case.disk.fail_after(call, 1, ErrorKind::Other);
        let result = write(&case.committer, 2).recv().unwrap();
        case.disk.mend();
        within(5, "it is open", || case.committer.fault().is_none());
        let next = write(&case.committer, 3).recv().unwrap().unwrap();
        let times = told.0.lock().unwrap().1;
        let objects = told.0.lock().unwrap().0.objects.len();
        case.committer.close();
        let last = start(&case.disk);
        let all = Told::default();
        last.committer.attach(RESOURCES[0].into(), all.clone());
        within(5, "it is told", || all.0.lock().unwrap().1 == 1);
        let there = all.0.lock().unwrap().0.objects.iter().any(|(key, _)| key == "default/2");
        assert_eq!(all.0.lock().unwrap().0.contents.revision, next.revision);
        match (result, there) {
            (Ok(_), true) => assert_eq!(times, 1, "call {call}"),
            (Ok(_), false) => panic!("call {call}: lost"),
            (Err(_), true) => {
                found += 1;
                assert_eq!((times, objects), (2, 2), "call {call}");
            }
            (Err(_), false) => assert_eq!(times, 1, "call {call}"),
        }
    }
    assert!(found > 0, "no failed commit was in the file");
}

#[test]
fn a_file_that_is_locked_is_waited_for() {
    let disk = Disk::default();
    let first = start(&disk);
    write(&first.committer, 1).recv().unwrap().unwrap();
    let second = start(&disk);
    within(5, "the second is refused", || second.committer.fault() == Some(Fault::Locked));
    assert_eq!(write(&second.committer, 2).recv().unwrap(), Err(Fault::Locked));
    first.committer.close();
    within(5, "the second has it", || second.committer.fault().is_none());
    write(&second.committer, 2).recv().unwrap().unwrap();
}

#[test]
fn a_file_that_has_gone_back_is_not_used() {
    let disk = Disk::default();
    let case = start(&disk);
    write(&case.committer, 1).recv().unwrap().unwrap();
    let old = disk.content();
    write(&case.committer, 2).recv().unwrap().unwrap();
    disk.fail_after(0, usize::MAX, ErrorKind::Other);
    write(&case.committer, 3).recv().unwrap().unwrap_err();
    disk.replace(old);
    disk.mend();
    within(5, "it is told", || {
        case.committer.fault().is_some_and(|fault| fault.to_string().contains("gone back"))
    });
    write(&case.committer, 4).recv().unwrap().unwrap_err();
}

#[test]
fn a_backup_restores_a_damaged_file() {
    let case = start(&Disk::default());
    let told = Told::default();
    case.committer.attach(RESOURCES[0].into(), told.clone());
    let first = write(&case.committer, 1).recv().unwrap().unwrap();
    let mut backup = Vec::new();
    assert_eq!(case.committer.look().unwrap().write(&mut backup).unwrap(), 1);
    let last = write(&case.committer, 2).recv().unwrap().unwrap();

    let restored = case.committer.restore(std::io::Cursor::new(backup.clone())).unwrap();
    assert!(restored.revision > last.revision);
    assert_eq!(told.0.lock().unwrap().0.objects.len(), 1);
    assert_eq!(told.0.lock().unwrap().0.objects[0].1.revision, first.revision);
    write(&case.committer, 3).recv().unwrap().unwrap();

    case.disk.fail_after(0, usize::MAX, ErrorKind::Other);
    write(&case.committer, 4).recv().unwrap().unwrap_err();
    case.disk.replace(vec![7; 100_000]);
    case.disk.mend();
    within(5, "it is told", || matches!(case.committer.fault(), Some(Fault::Damaged(_))));
    assert!(case.committer.look().is_err());
    case.committer.restore(std::io::Cursor::new(backup)).unwrap();
    assert_eq!(case.committer.fault(), None);
    assert_eq!(told.0.lock().unwrap().0.objects.len(), 1);
    write(&case.committer, 5).recv().unwrap().unwrap();
}

#[test]
fn a_full_disk_lets_objects_go() {
    let case = start(&Disk::default());
    let put = |key: usize, put: Option<Vec<u8>>| {
        let (told, result) = channel();
        let change = Change { resource: RESOURCES[0].into(), key: format!("default/{key}"), put };
        case.committer.write(change, move |result| told.send(result).unwrap());
        result.recv().unwrap()
    };
    case.disk.limit(60 << 20);
    let object = || Some(vec![b'x'; 100_000]);
    let mut stored = 0;
    let fault = loop {
        match put(stored, object()) {
            Ok(_) => stored += 1,
            Err(fault) => break fault,
        }
    };
    assert!(matches!(fault, Fault::Full(_)), "{fault}");
    assert!(stored > 100, "{stored} objects of 100 kB only");
    // It is told, and those that are there can go, all of them: what is kept of them for watchers goes too.
    assert_eq!(case.committer.fault(), Some(fault));
    for key in 0..stored {
        put(key, None).unwrap_or_else(|fault| panic!("deletion {key} of {stored}: {fault}"));
    }
    // There is room again, as much as before.
    for key in 0..stored / 2 {
        put(key, object()).unwrap_or_else(|fault| panic!("object {key} of {stored}: {fault}"));
    }
    assert_eq!(case.committer.fault(), None);
}
