//! Random changes against a model, on a disk that fails and loses what was not synced.

mod backups;
mod committer;
mod crashes;
mod disk;
mod faults;
mod format;
mod model;
mod random;
