//! `run`: one gateway in a cluster.

use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use axum::Extension;
use futures::future::select_all;
use k8s_openapi::NamespaceResourceScope;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Resource};
use rustls::ServerConfig;
use rustls::server::ResolvesServerCert;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;
use tracing::info;
use tributary_access::{
    Authenticator, Authorizer, DefinitionWatch, Namespaces, ObjectWatch, Trust, client_certificate_verifier,
};
use tributary_crds::GatewayState;
use tributary_process::shutdown_signal;
use tributary_registry::Registry;
use tributary_sources::{Committer, DatabaseFile, durable_limits};

use crate::args::{ObjectName, Process, Run};
use crate::backup;
use crate::certificate::ServingCertificate;
use crate::expiry;
use crate::left_behind::Cleaner;
use crate::listener::Listener;
use crate::metrics::Metrics;
use crate::namespaces::ClusterNamespaces;
use crate::serving;
use crate::views::Hub;
use crate::wire::{InFlight, OwnState, Readiness, Server, router};

/// Runs until SIGTERM, or until a part of it ends that should not.
pub(crate) async fn run(flags: Run) -> anyhow::Result<()> {
    let signal = shutdown_signal().context("signals cannot be handled")?;
    let client = client(flags.process.kubeconfig.as_deref()).await?;
    let trust = Trust::new();
    let namespaces = Namespaces::new(client.clone());
    let definitions = DefinitionWatch::new(&flags.group);
    let readiness = Arc::new(Readiness::default());
    let metrics = Metrics::default();
    let durable = flags.data.as_deref().map(|file| open(file, &flags.group, &metrics)).transpose()?;
    let registry = Arc::new(Registry::new(Arc::new(ClusterNamespaces(namespaces.clone())), durable.clone()));
    let (cleaner, left_behind) = Cleaner::new(registry.clone(), namespaces.clone());
    if flags.absence.is_none() {
        cleaner.without_record();
    }
    let server = Arc::new(Server {
        registry: registry.clone(),
        authenticator: Authenticator::new(client.clone(), trust.clone()),
        authorizer: Authorizer::new(client.clone()),
        objects: Authorizer::of_objects(client.clone()),
        readiness: readiness.clone(),
        metrics,
        in_flight: InFlight::default(),
    });
    let certificate = ServingCertificate::load(flags.tls_cert.clone(), flags.tls_key.clone())?;
    let certificate = Arc::new(certificate.with_authority(flags.tls_ca.clone(), trust.clone()));
    let own = OwnState(Arc::new({
        let (certificate, cleaner) = (certificate.clone(), cleaner.clone());
        move || GatewayState {
            leaf: certificate.fingerprint(),
            absence: cleaner.settled(),
            ..GatewayState::default()
        }
    }));
    let router = router(server.clone()).layer(Extension(own));
    let listener = Listener::bind(flags.process.listen, tls(certificate.clone(), trust.clone()))
        .await
        .with_context(|| format!("cannot listen on {}", flags.process.listen))?;
    info!(group = flags.group, address = %listener.address()?, "listening");

    // Serving ends after everything that feeds it has had its time to drain.
    let (feeding, accepting) = (CancellationToken::new(), CancellationToken::new());
    let parts = [
        tokio::spawn({
            let (trust, client, cancel) = (trust.clone(), client.clone(), feeding.clone());
            async move { trust.run(client, cancel).await }
        }),
        tokio::spawn({
            let (namespaces, cancel) = (namespaces.clone(), feeding.clone());
            let cleaner = cleaner.clone();
            async move { namespaces.run(cancel, |name| cleaner.namespace_gone(name)).await }
        }),
        tokio::spawn({
            let (definitions, client, cancel) = (definitions.clone(), client.clone(), feeding.clone());
            async move { definitions.run(client, cancel).await }
        }),
        tokio::spawn(serving::follow(
            server.clone(),
            Hub::new(Arc::new(client.clone())),
            definitions,
            flags.last_good.clone(),
            feeding.clone(),
        )),
        tokio::spawn(expiry::run(Arc::downgrade(&registry), feeding.clone())),
        tokio::spawn({
            let (cleaner, cancel) = (cleaner.clone(), feeding.clone());
            async move { cleaner.run(left_behind, cancel).await }
        }),
        tokio::spawn({
            let (record, client, cancel) = (flags.absence.clone(), client.clone(), feeding.clone());
            let cleaner = cleaner.clone();
            async move { watch(cleaner.record(), record, client, cancel).await }
        }),
        tokio::spawn({
            let (certificate, cancel) = (certificate.clone(), feeding.clone());
            async move { certificate.run(cancel).await }
        }),
        tokio::spawn({
            let (secret, client, cancel) = (flags.tls_secret.clone(), client.clone(), feeding.clone());
            async move { watch(certificate.secret(), secret, client, cancel).await }
        }),
        tokio::spawn({
            let (data, durable, cancel) = (flags.data.clone(), durable.clone(), feeding.clone());
            async move {
                match data.zip(durable) {
                    Some((data, durable)) => backup::serve(data, durable, cancel).await,
                    None => cancel.cancelled().await,
                }
            }
        }),
        tokio::spawn(listener.run(router, accepting.clone())),
    ];
    let synced = tokio::spawn({
        let (readiness, cancel) = (readiness.clone(), feeding.clone());
        async move {
            let all =
                futures::future::join3(trust.wait_synced(), namespaces.wait_synced(), cleaner.wait_settled());
            if cancel.run_until_cancelled(all).await.is_some() {
                readiness.informers_synced();
            }
        }
    });

    let mut parts = select_all(parts);
    let unexpected = tokio::select! {
        (ended, index, _) = &mut parts => Some((ended, index)),
        () = stop(signal, &readiness, &flags.process) => None,
    };
    if let Some((ended, index)) = unexpected {
        feeding.cancel();
        accepting.cancel();
        ended.with_context(|| format!("part {index} of the gateway failed"))?;
        anyhow::bail!("part {index} of the gateway ended unexpectedly");
    }
    registry.end_watches();
    accepting.cancel();
    let mut rest = parts.into_inner();
    if let Some(listening) = rest.pop() {
        listening.await.context("the listener failed")?;
    }
    feeding.cancel();
    futures::future::join_all(rest).await;
    synced.await.context("waiting for informers failed")?;
    // Every answer has been given: nothing more is written.
    if let Some(durable) = durable {
        tokio::task::spawn_blocking(move || durable.close())
            .await
            .context("closing the database file failed")?;
    }
    info!("ended");
    Ok(())
}

/// Begins to open the database file.
fn open(file: &Path, group: &str, metrics: &Metrics) -> anyhow::Result<Committer> {
    let storage = Arc::new(metrics.storage());
    Committer::start(DatabaseFile::new(file), group, durable_limits(), storage)
        .context("the thread of the database file cannot be started")
}

/// Runs the watch of an object, if there is one to watch.
async fn watch<K>(
    watch: &ObjectWatch<K>,
    object: Option<ObjectName>,
    client: Client,
    cancel: CancellationToken,
) where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
        + Clone
        + DeserializeOwned
        + Debug
        + Send
        + Sync
        + 'static,
{
    let Some(ObjectName { namespace, name }) = object else { return cancel.cancelled().await };
    watch.run(Api::namespaced(client, &namespace), &name, cancel).await;
}

/// SIGTERM, and the time that Services need to send their clients elsewhere.
pub(crate) async fn stop(signal: CancellationToken, readiness: &Readiness, flags: &Process) {
    signal.cancelled().await;
    readiness.stopping();
    tokio::time::sleep(flags.shutdown_delay).await;
}

/// The client of the cluster that a file names, or of the Pod's own.
pub(crate) async fn client(kubeconfig: Option<&Path>) -> anyhow::Result<Client> {
    let config = match kubeconfig {
        Some(file) => {
            let kubeconfig = Kubeconfig::read_from(file).with_context(|| format!("{}", file.display()))?;
            kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?
        }
        None => {
            kube::Config::infer().await.context("no cluster: neither a Pod's account nor a kubeconfig")?
        }
    };
    Client::try_from(config).context("the client of the cluster cannot be made")
}

/// TLS with client certificates that are asked for, and not required.
pub(crate) fn tls(certificate: Arc<dyn ResolvesServerCert>, trust: Trust) -> ServerConfig {
    let mut config = ServerConfig::builder()
        .with_client_cert_verifier(client_certificate_verifier(trust))
        .with_cert_resolver(certificate);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config
}
