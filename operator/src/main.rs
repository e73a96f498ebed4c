//! The controller of AggregatedAPIs: for each it runs a gateway and registers its versions with the API server.
//!
//! Beside it gateways are asked how they fare ([`reports`]). A pass over an AggregatedAPI ([`reconcile`]) judges the definition ([`verdict`]), makes the children what they are to
//! be ([`rollout`]), and tells what was seen ([`status`], [`conditions`]). What children are to be ([`children`]), what
//! becomes of certificates ([`certificates`]) and what conditions say is pure.
//!
//! Of several operators one works ([`election`]); the others wait.

mod absence;
mod admin;
mod args;
mod certificates;
mod children;
mod claim;
mod cluster;
mod conditions;
mod deletion;
mod election;
mod events;
#[cfg(test)]
mod fixture;
mod group;
mod metrics;
mod observation;
mod operator;
mod pods;
mod reconcile;
mod registrations;
mod reports;
mod retries;
mod rollout;
mod site;
mod status;
mod uninstall;
mod verdict;
mod watches;

use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Parser;
use futures::channel::mpsc;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use tributary_process::{init_logs, install_crypto_provider, shutdown_signal};

use crate::args::Args;
use crate::cluster::Cluster;
use crate::election::Election;
use crate::events::Events;
use crate::metrics::Metrics;
use crate::operator::Operator;
use crate::reports::Polls;
use crate::retries::Retries;

/// Groups whose gateways told something new and that wait to be reconciled.
const TOLD: usize = 1024;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    init_logs(&args.log, args.log_format)?;
    install_crypto_provider();
    let shutdown = shutdown_signal().context("cannot handle signals")?;
    let client = client(&args).await?;
    let (stores, writers) = watches::stores();
    let operator = Arc::new(Operator {
        cluster: Cluster::new(client.clone()),
        site: args.site(),
        stores,
        events: Events::new(client.clone(), args.instance.clone()),
        metrics: Metrics::new(),
        retries: Retries::default(),
        polls: Polls::default(),
    });
    let (changed, told) = mpsc::channel(TOLD);

    let admin = async {
        admin::serve(args.admin_listen, operator.clone(), shutdown.clone())
            .await
            .context("the admin port failed")
    };
    let controller = async {
        watches::run(operator.clone(), writers, told, shutdown.clone()).await;
        if shutdown.is_cancelled() { Ok(()) } else { bail!("the controller ended unexpectedly") }
    };
    let polls = async {
        reports::run(operator.clone(), changed, shutdown.clone()).await;
        Ok(())
    };
    let work = async { tokio::try_join!(controller, polls).map(drop) };
    let mut election = Election::new(client, &args.namespace, identity(&args.instance));
    let leader = async {
        if election.acquire(&shutdown).await {
            operator.metrics.leads();
            // Until all is ended that writes.
            tokio::select! { ended = work => ended?, lost = election.hold() => lost? }
        }
        Ok(())
    };
    tokio::try_join!(admin, leader)?;
    uninstall::if_leaving(&operator).await;
    election.release().await;
    Ok(())
}

/// Names one process: a container that is started again in the same Pod is another one.
fn identity(instance: &str) -> String {
    format!("{instance}_{:08x}", rand::random::<u32>())
}

async fn client(args: &Args) -> anyhow::Result<Client> {
    let config = match &args.kubeconfig {
        Some(path) => {
            let kubeconfig = Kubeconfig::read_from(path).context("cannot read --kubeconfig")?;
            Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?
        }
        None => Config::infer()
            .await
            .context("no cluster: neither a ServiceAccount nor a kubeconfig was found")?,
    };
    Client::try_from(config).context("cannot make a client")
}
