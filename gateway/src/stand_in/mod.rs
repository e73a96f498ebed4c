//! `stand-in`: answers for groups of which no gateway is ready, for all groups of a cluster in one process.
//!
//! A group that cannot be asked stops kubectl's discovery, garbage collection, quota and the deletion of namespaces everywhere. The
//! operator sends a group's callers here while it has no ready gateway. They find what depends on the definition alone, and 503
//! for everything else. It reads the last accepted definitions and the groups' serving certificates, and keeps nothing.

mod certificates;
mod definitions;
mod dispatch;

use std::sync::Arc;

use anyhow::Context;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::Api;
use tokio_util::sync::CancellationToken;
use tracing::info;
use tributary_access::{Authenticator, Authorizer, Trust};
use tributary_process::shutdown_signal;
use tributary_registry::Registry;

use crate::args::StandIn;
use crate::listener::Listener;
use crate::metrics::Metrics;
use crate::namespaces::EveryNamespace;
use crate::run::{client, stop, tls};
use crate::wire::{InFlight, Readiness, Server};
use certificates::Certificates;
use definitions::Definitions;
use dispatch::{Groups, router};

/// Whom every group asks, and believes.
#[derive(Clone)]
struct Surroundings {
    authenticator: Authenticator,
    authorizer: Authorizer,
    readiness: Arc<Readiness>,
}

/// Runs until SIGTERM, or until a part of it ends that should not.
pub(crate) async fn run(flags: StandIn) -> anyhow::Result<()> {
    let signal = shutdown_signal().context("signals cannot be handled")?;
    let client = client(flags.process.kubeconfig.as_deref()).await?;
    let trust = Trust::new();
    let surroundings = Surroundings {
        authenticator: Authenticator::new(client.clone(), trust.clone()),
        authorizer: Authorizer::new(client.clone()),
        readiness: Arc::new(Readiness::default()),
    };
    let (readiness, front) = (surroundings.readiness.clone(), surroundings.server());
    let groups = Arc::new(Groups::default());
    let certificates = Arc::new(Certificates::new(client.clone(), &flags.namespace)?);
    let definitions = Definitions::new(surroundings, groups.clone(), certificates.clone());
    let listener = Listener::bind(flags.process.listen, tls(certificates, trust.clone()))
        .await
        .with_context(|| format!("cannot listen on {}", flags.process.listen))?;
    info!(address = %listener.address()?, "listening");

    let (feeding, accepting) = (CancellationToken::new(), CancellationToken::new());
    let config_maps: Api<ConfigMap> = Api::namespaced(client.clone(), &flags.namespace);
    let mut followed = tokio::spawn(definitions.follow(config_maps, feeding.clone()));
    let mut trusting = tokio::spawn({
        let (trust, cancel) = (trust.clone(), feeding.clone());
        async move { trust.run(client, cancel).await }
    });
    let mut listening = tokio::spawn(listener.run(router(groups, front), accepting.clone()));
    let synced = tokio::spawn({
        let (readiness, cancel) = (readiness.clone(), feeding.clone());
        async move {
            if cancel.run_until_cancelled(trust.wait_synced()).await.is_some() {
                readiness.informers_synced();
            }
        }
    });
    let unexpected = tokio::select! {
        ended = &mut followed => Some(("the watch of definitions", ended)),
        ended = &mut trusting => Some(("the watch of the front proxy's CA", ended)),
        ended = &mut listening => Some(("the listener", ended)),
        () = stop(signal, &readiness, &flags.process) => None,
    };
    if let Some((part, ended)) = unexpected {
        ended.with_context(|| format!("{part} failed"))?;
        anyhow::bail!("{part} ended unexpectedly");
    }
    accepting.cancel();
    listening.await.context("the listener failed")?;
    feeding.cancel();
    futures::future::join_all([followed, trusting, synced]).await;
    info!("ended");
    Ok(())
}

// === impl Surroundings ===

impl Surroundings {
    /// A server of one group, or of none.
    fn server(&self) -> Arc<Server> {
        Arc::new(Server {
            registry: Arc::new(Registry::new(Arc::new(EveryNamespace), None)),
            authenticator: self.authenticator.clone(),
            authorizer: self.authorizer.clone(),
            objects: self.authorizer.clone(),
            readiness: self.readiness.clone(),
            metrics: Metrics::default(),
            in_flight: InFlight::default(),
        })
    }
}
