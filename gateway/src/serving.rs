//! From the watched definition to the published one.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};
use tributary_access::{DefinitionEvent, DefinitionWatch};
use tributary_crds::AggregatedApi;
use tributary_definition::compile;

use crate::wire::Server;

/// Compiles and publishes each definition that the watch brings, until cancelled. One that does not compile
/// leaves the one before in force.
pub(crate) async fn follow(server: Arc<Server>, definitions: DefinitionWatch, cancel: CancellationToken) {
    let mut events = definitions.subscribe();
    let mut hash = String::new();
    while let Some(Ok(())) = cancel.run_until_cancelled(events.changed()).await {
        let event = events.borrow_and_update().clone();
        match event {
            Some(DefinitionEvent::Applied(definition)) => hash = publish(&server, &definition, hash),
            Some(DefinitionEvent::Unreadable { .. }) => server.metrics.definition_rejected(),
            // The operator ends this process. Until then a 404 would tell the garbage collector that owners are
            // gone, which they are not before their namespaces or the group are.
            Some(DefinitionEvent::Deleted) => warn!("the definition does not exist; serving the last one"),
            None => {}
        }
    }
}

/// Returns the hash of the definition that is in force afterwards.
fn publish(server: &Server, definition: &AggregatedApi, hash: String) -> String {
    match compile(definition) {
        // Status and metadata change often; what is served does not.
        Ok(compiled) if compiled.hash == hash => {
            server.metrics.definition_served(compiled.generation);
            hash
        }
        Ok(compiled) => {
            let (generation, hash) = (compiled.generation, compiled.hash.clone());
            server.registry.publish(Arc::new(compiled));
            server.readiness.definition_published();
            server.metrics.definition_served(generation);
            info!(generation, hash, "definition published");
            hash
        }
        Err(errors) => {
            server.metrics.definition_rejected();
            for error in errors {
                error!(%error, "the definition does not compile; serving the last one");
            }
            hash
        }
    }
}
