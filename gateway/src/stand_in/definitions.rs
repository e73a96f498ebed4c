//! The groups that there are: their last accepted definitions, and whether their namespaced resources are to be deleted.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::StreamExt;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::runtime::WatchStreamExt;
use kube::runtime::watcher::{self, Config, Event};
use kube::{Api, ResourceExt};
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::{error, info, warn};
use tributary_crds::{ABSENCE_NAMESPACES, AggregatedApi, GROUP_LABEL, INSTANCE_LABEL, LAST_GOOD_DEFINITION};
use tributary_definition::{Compiled, compile};

use super::Surroundings;
use super::certificates::Certificates;
use super::dispatch::Groups;
use crate::wire::Server;

/// The groups of a cluster, followed.
pub(super) struct Definitions {
    surroundings: Surroundings,
    groups: Arc<Groups>,
    certificates: Arc<Certificates>,
    known: BTreeMap<String, Known>,
    /// What a list has that is not complete yet.
    listed: BTreeMap<String, Known>,
    /// By instance.
    served: BTreeMap<String, Served>,
}

/// What a ConfigMap says, which is of the group with this instance.
struct Known {
    instance: String,
    says: Says,
}

enum Says {
    /// The definition, JSON.
    Definition(String),
    /// No gateway has been ready for a while.
    Absence,
}

struct Served {
    /// What was compiled, and whether without deletion.
    from: (String, bool),
    server: Arc<Server>,
    _following: DropGuard,
}

// === impl Definitions ===

impl Definitions {
    /// Of no group yet.
    pub(super) fn new(
        surroundings: Surroundings,
        groups: Arc<Groups>,
        certificates: Arc<Certificates>,
    ) -> Self {
        let (known, listed, served) = Default::default();
        Self { surroundings, groups, certificates, known, listed, served }
    }

    /// Follows the ConfigMaps of all groups until cancelled.
    pub(super) async fn follow(mut self, config_maps: Api<ConfigMap>, cancel: CancellationToken) {
        let events = watcher::watcher(config_maps, Config::default().labels(GROUP_LABEL)).default_backoff();
        let mut events = std::pin::pin!(events.take_until(cancel.cancelled_owned()));
        while let Some(event) = events.next().await {
            match event {
                Ok(event) => {
                    if self.observe(event) {
                        self.answer();
                    }
                }
                Err(error) => warn!(%error, "watch of definitions failed, trying again"),
            }
        }
    }

    /// Takes an event over; whether it is whole. A list becomes visible when it is complete.
    fn observe(&mut self, event: Event<ConfigMap>) -> bool {
        let put = |into: &mut BTreeMap<String, Known>, config_map: &ConfigMap| {
            if let Some(known) = Known::of(config_map) {
                into.insert(config_map.name_any(), known);
            }
        };
        let is_whole = !matches!(event, Event::Init | Event::InitApply(_));
        match event {
            Event::Init => self.listed.clear(),
            Event::InitApply(config_map) => put(&mut self.listed, &config_map),
            Event::InitDone => self.known = std::mem::take(&mut self.listed),
            Event::Apply(config_map) => put(&mut self.known, &config_map),
            Event::Delete(config_map) => drop(self.known.remove(&config_map.name_any())),
        }
        is_whole
    }

    /// Answers for the groups that are known now. A definition that does not compile leaves the one before.
    fn answer(&mut self) {
        let absent = |instance: &str| {
            let mut known = self.known.values();
            known.any(|known| known.instance == instance && matches!(known.says, Says::Absence))
        };
        let definitions = self.known.values().filter_map(|known| match &known.says {
            Says::Definition(definition) => {
                Some((known.instance.clone(), (definition.clone(), absent(&known.instance))))
            }
            Says::Absence => None,
        });
        let wanted: BTreeMap<String, (String, bool)> = definitions.collect();
        self.served.retain(|instance, _| wanted.contains_key(instance));
        for (instance, from) in wanted {
            if self.served.get(&instance).is_some_and(|served| served.from == from) {
                continue;
            }
            match compiled(&from) {
                Ok(compiled) => self.serve(instance, from, compiled),
                Err(why) => error!(instance, why, "the last accepted definition cannot be served"),
            }
        }
        let servers = self.served.iter().map(|(instance, served)| (instance.clone(), served.server.clone()));
        self.groups.answer_for(servers);
        self.surroundings.readiness.definition_published();
    }

    fn serve(&mut self, instance: String, from: (String, bool), compiled: Compiled) {
        info!(group = compiled.group, without_deletion = from.1, "standing in");
        let served = self.served.entry(instance).or_insert_with_key(|instance| {
            let (certificates, instance) = (self.certificates.clone(), instance.clone());
            let cancel = CancellationToken::new();
            let until = cancel.clone();
            tokio::spawn(async move { certificates.follow(&instance, until).await });
            let server = self.surroundings.server();
            Served { from: from.clone(), server, _following: cancel.drop_guard() }
        });
        served.from = from;
        // What views read is not read here.
        served.server.registry.publish(Arc::new(compiled));
    }
}

// === impl Known ===

impl Known {
    /// None: it is not about a group.
    fn of(config_map: &ConfigMap) -> Option<Self> {
        let instance = config_map.labels().get(INSTANCE_LABEL)?.clone();
        let data = config_map.data.as_ref()?;
        let says = match data.get(LAST_GOOD_DEFINITION) {
            Some(definition) => Says::Definition(definition.clone()),
            None if data.contains_key(ABSENCE_NAMESPACES) => Says::Absence,
            None => return None,
        };
        Some(Self { instance, says })
    }
}

fn compiled((definition, without_deletion): &(String, bool)) -> Result<Compiled, String> {
    let definition: AggregatedApi = serde_json::from_str(definition).map_err(|error| error.to_string())?;
    let compiled = compile(&definition)
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?;
    Ok(if *without_deletion { compiled.without_deletion() } else { compiled })
}
