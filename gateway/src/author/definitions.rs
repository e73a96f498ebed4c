//! A folder of definitions, served: each group by a registry of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tributary_access::{Authenticator, Authorizer};
use tributary_definition::Compiled;
use tributary_registry::{Namespaces, Registry};

use super::declaration::{Judge, is_declaration};
use super::folder::{Change, Folder};
use super::manifest::Content;
use super::problem::Problem;
use crate::expiry;
use crate::metrics::Metrics;
use crate::serving::put_in_force;
use crate::views::Hub;
use crate::wire::{Groups, InFlight, Readiness, Server};

/// Who may do what, in which namespaces, and what views read: the same for every group.
pub(super) struct Surroundings {
    pub(super) authenticator: Authenticator,
    pub(super) authorizer: Authorizer,
    pub(super) namespaces: Arc<dyn Namespaces>,
    pub(super) hub: Hub,
}

/// The definitions of a folder, followed.
pub(super) struct Definitions {
    folder: Folder,
    judge: Judge,
    surroundings: Surroundings,
    /// What each file declared when it was last without a problem.
    files: BTreeMap<PathBuf, Vec<Declared>>,
    /// Files that were not taken over.
    refused: Vec<PathBuf>,
    servers: BTreeMap<String, Arc<Server>>,
    groups: Arc<Groups>,
}

/// A group of a file.
struct Declared {
    compiled: Arc<Compiled>,
    line: usize,
}

// === impl Surroundings ===

impl Surroundings {
    /// A server of one group, or of none.
    pub(super) fn server(&self) -> Arc<Server> {
        let readiness = Arc::new(Readiness::default());
        // There is nothing to wait for.
        readiness.informers_synced();
        // In memory, whatever is declared: objects last as long as this process.
        let registry = Arc::new(Registry::new(self.namespaces.clone(), None));
        tokio::spawn(expiry::run(Arc::downgrade(&registry), CancellationToken::new()));
        Arc::new(Server {
            registry,
            authenticator: self.authenticator.clone(),
            authorizer: self.authorizer.clone(),
            objects: self.authorizer.clone(),
            readiness,
            metrics: Metrics::default(),
            in_flight: InFlight::default(),
        })
    }
}

// === impl Definitions ===

impl Definitions {
    /// The definitions of the folder at `path`, to be served among `groups`; none is before the first look.
    pub(super) fn open(path: &Path, surroundings: Surroundings, groups: Arc<Groups>) -> anyhow::Result<Self> {
        Ok(Self {
            folder: Folder::open(path)?,
            judge: Judge::new()?,
            surroundings,
            files: BTreeMap::new(),
            refused: Vec::new(),
            servers: BTreeMap::new(),
            groups,
        })
    }

    /// Looks once, and serves what is declared now; none: nothing has changed. A file with a problem goes on declaring what it
    /// did before.
    pub(super) fn look(&mut self) -> Option<Vec<Problem>> {
        let mut problems = Vec::new();
        let changes = self.folder.look();
        if changes.is_empty() {
            return None;
        }
        for change in changes {
            match change {
                Change::Gone(path) => {
                    self.files.remove(&path);
                    // What another file could not declare beside this one it may be able to now.
                    self.refused.drain(..).for_each(|refused| self.folder.again(&refused));
                }
                Change::Failed(path, why) => problems.push(Problem::of_file(&path, why)),
                Change::Read(path, bytes) => {
                    self.refused.retain(|refused| *refused != path);
                    match self.read(&path, &bytes) {
                        Ok(declared) => {
                            self.files.insert(path, declared);
                        }
                        Err(found) => {
                            problems.extend(found);
                            self.refused.push(path);
                        }
                    }
                }
            }
        }
        self.serve();
        Some(problems)
    }

    /// Who answers what is of no group.
    pub(super) fn front(&self) -> Arc<Server> {
        let server = self.surroundings.server();
        server.readiness.definition_published();
        server
    }

    /// The groups that are served.
    pub(super) fn served(&self) -> impl Iterator<Item = &str> {
        self.servers.keys().map(String::as_str)
    }

    /// Ends every watch: the process is about to end.
    pub(super) fn end_watches(&self) {
        self.servers.values().for_each(|server| server.registry.end_watches());
    }

    /// What a file declares, or everything that is wrong with it. A group has one owner.
    fn read(&self, path: &Path, bytes: &[u8]) -> Result<Vec<Declared>, Vec<Problem>> {
        let Content { manifests, mut problems } = Content::read(&path.to_string_lossy(), bytes);
        let mut declared: Vec<Declared> = Vec::new();
        for manifest in manifests.iter().filter(|manifest| is_declaration(manifest)) {
            let compiled = match self.judge.judge(manifest) {
                Ok(compiled) => compiled,
                Err(found) => {
                    problems.extend(found);
                    continue;
                }
            };
            let here = declared.iter().map(|other| (path, other));
            let others = self.files.iter().filter(|(file, _)| *file != path);
            let others = others.flat_map(|(file, all)| all.iter().map(move |other| (file.as_path(), other)));
            let owner = here.chain(others).find(|(_, other)| other.compiled.group == compiled.group);
            if let Some((file, other)) = owner {
                let group = &compiled.group;
                let message = format!("Duplicate value: \"{group}\": see {}:{}", file.display(), other.line);
                problems.push(manifest.problem("spec.group", message));
            }
            declared.push(Declared { compiled, line: manifest.line("spec.group") });
        }
        if problems.is_empty() { Ok(declared) } else { Err(problems) }
    }

    /// Serves what all files declare.
    fn serve(&mut self) {
        let declared = self.files.values().flatten();
        let wanted: BTreeMap<_, _> =
            declared.map(|declared| (declared.compiled.group.clone(), declared.compiled.clone())).collect();
        self.servers.retain(|group, server| {
            let kept = wanted.contains_key(group);
            if !kept {
                server.registry.end_watches();
            }
            kept
        });
        for (group, compiled) in wanted {
            let server = self.servers.entry(group).or_insert_with(|| self.surroundings.server());
            put_in_force(server, &self.surroundings.hub, compiled);
        }
        self.groups.serve(self.servers.values().cloned());
    }
}
