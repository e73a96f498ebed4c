//! From the watched definition to the published one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};
use tributary_access::{DefinitionEvent, DefinitionWatch};
use tributary_crds::AggregatedApi;
use tributary_definition::{Compiled, Storage, compile};

use crate::views::{self, Hub};
use crate::wire::Server;

/// Compiles and publishes each definition that the watch brings, until cancelled. One that cannot be served leaves
/// the one before in force; at start, that is the last accepted one, if there is a file of it.
pub(crate) async fn follow(
    server: Arc<Server>,
    hub: Hub,
    definitions: DefinitionWatch,
    last_good: Option<PathBuf>,
    cancel: CancellationToken,
) {
    let mut events = definitions.subscribe();
    // What came before this task did is to be seen, too.
    events.mark_changed();
    while let Some(Ok(())) = cancel.run_until_cancelled(events.changed()).await {
        let event = events.borrow_and_update().clone();
        let served = match event {
            Some(DefinitionEvent::Applied(definition)) => {
                is_accepted(&definition) && publish(&server, &hub, &definition)
            }
            Some(DefinitionEvent::Unreadable { .. }) => false,
            // The operator ends this process. Until then a 404 would tell the garbage collector that owners are
            // gone, which they are not before their namespaces or the group are.
            Some(DefinitionEvent::Deleted) => {
                warn!("the definition does not exist; serving the last one");
                continue;
            }
            None => continue,
        };
        if served {
            continue;
        }
        server.metrics.definition_rejected();
        if let Some(file) = last_good.as_deref().filter(|_| server.registry.published().is_none()) {
            publish_file(&server, &hub, file);
        }
    }
}

/// Whether the operator has accepted this generation. It refuses more than what does not compile: a group that is
/// another's, an image that is not allowed. Where no operator has ever said anything there is none to wait for.
fn is_accepted(definition: &AggregatedApi) -> bool {
    let conditions = definition.status.iter().flat_map(|status| &status.conditions);
    let Some(accepted) = conditions.into_iter().find(|condition| condition.type_ == "Accepted") else {
        return true;
    };
    accepted.status == "True" && accepted.observed_generation == definition.metadata.generation
}

/// Serves the last accepted definition.
fn publish_file(server: &Server, hub: &Hub, file: &Path) {
    let read = std::fs::read(file).map_err(|error| error.to_string());
    let definition = read.and_then(|bytes| serde_json::from_slice(&bytes).map_err(|error| error.to_string()));
    match definition {
        Ok(definition) => {
            warn!("serving the last accepted definition");
            publish(server, hub, &definition);
        }
        Err(error) => error!(file = %file.display(), error, "there is no last accepted definition to serve"),
    }
}

/// Whether the definition is in force now.
fn publish(server: &Server, hub: &Hub, definition: &AggregatedApi) -> bool {
    match compile(definition) {
        Ok(compiled)
            if compiled.storage == Some(Storage::Embedded) && server.registry.durable().is_none() =>
        {
            error!(
                "the definition keeps objects in a database file, and this process was given none: --data"
            );
            false
        }
        Ok(compiled) => {
            put_in_force(server, hub, Arc::new(compiled));
            true
        }
        Err(errors) => {
            for error in errors {
                error!(%error, "the definition does not compile");
            }
            false
        }
    }
}

/// Serves the definition, unless it is the one that is served.
pub(crate) fn put_in_force(server: &Server, hub: &Hub, compiled: Arc<Compiled>) {
    let generation = compiled.generation;
    let current = server.registry.published();
    // Status and metadata change often; what is served does not. Another generation of the same is told to the operator.
    let served = current.as_ref().map(|current| (current.compiled.generation, &current.compiled.hash));
    if served != Some((generation, &compiled.hash)) {
        info!(generation, hash = compiled.hash, "definition published");
        for (feed, cancel) in server.registry.publish(compiled) {
            views::run(hub, feed, &cancel);
        }
        server.readiness.definition_published();
    }
    server.metrics.definition_served(generation);
}
