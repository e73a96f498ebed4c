//! The groups that there are: their last accepted definitions, and whether their namespaced resources are to be deleted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::StreamExt;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::runtime::watcher::{self, Config, Event};
use kube::runtime::{WatchStreamExt, reflector};
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
    /// By instance.
    served: BTreeMap<String, Served>,
}

/// What a group is answered for by: the definition, JSON, and whether without deletion.
type Basis = (String, bool);

struct Served {
    from: Basis,
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
        Self { surroundings, groups, certificates, served: BTreeMap::new() }
    }

    /// Follows the ConfigMaps of all groups until cancelled.
    pub(super) async fn follow(mut self, config_maps: Api<ConfigMap>, cancel: CancellationToken) {
        let (known, writer) = reflector::store();
        let events = watcher::watcher(config_maps, Config::default().labels(GROUP_LABEL)).default_backoff();
        let events = reflector::reflector(writer, events);
        let mut events = std::pin::pin!(events.take_until(cancel.cancelled_owned()));
        while let Some(event) = events.next().await {
            match event {
                // A list is in the store when it is complete.
                Ok(Event::Init | Event::InitApply(_)) => {}
                Ok(Event::InitDone | Event::Apply(_) | Event::Delete(_)) => self.answer(&known.state()),
                Err(error) => warn!(%error, "watch of definitions failed, trying again"),
            }
        }
    }

    /// Answers for the groups that are known now. A definition that does not compile leaves the one before.
    fn answer(&mut self, known: &[Arc<ConfigMap>]) {
        let wanted = groups(known);
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

    fn serve(&mut self, instance: String, from: Basis, compiled: Compiled) {
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

/// The groups that ConfigMaps are about, by instance. One of which no gateway has been ready for a while has a record of that.
fn groups(config_maps: &[Arc<ConfigMap>]) -> BTreeMap<String, Basis> {
    let with = |key: &'static str| {
        config_maps.iter().filter_map(move |config_map| {
            let instance = config_map.labels().get(INSTANCE_LABEL)?;
            Some((instance, config_map.data.as_ref()?.get(key)?))
        })
    };
    let absent: BTreeSet<&String> = with(ABSENCE_NAMESPACES).map(|(instance, _)| instance).collect();
    with(LAST_GOOD_DEFINITION)
        .map(|(instance, definition)| (instance.clone(), (definition.clone(), absent.contains(instance))))
        .collect()
}

fn compiled((definition, without_deletion): &Basis) -> Result<Compiled, String> {
    let definition: AggregatedApi = serde_json::from_str(definition).map_err(|error| error.to_string())?;
    let compiled = compile(&definition)
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?;
    Ok(if *without_deletion { compiled.without_deletion() } else { compiled })
}
