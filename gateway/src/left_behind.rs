//! What namespaces leave behind goes with them. While a gateway answers, the namespace controller deletes their objects before they
//! go. Where nobody answered for a while, the group has let them go without; what is stored of them must not be there again
//! when a namespace of the same name is.
//!
//! A gateway that saw a namespace go knows by itself. One that did not run learns it from the record of the absence, in which
//! the operator noted the namespaces that there were. It is never told by comparing with the namespaces that there are: in a cluster
//! made anew, everything restored would seem to be left behind.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::ResourceExt;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};
use tributary_access::{Namespaces, ObjectWatch, Observation};
use tributary_crds::{ABSENCE_NAMESPACES, NamespaceUids};
use tributary_registry::{LeftBehind, Registry};

/// How soon what failed is tried again.
const RETRY: Duration = Duration::from_secs(2);
/// How often it is looked whether stored objects have been read.
const LOOK: Duration = Duration::from_millis(50);

/// Deletes what namespaces left behind.
pub(crate) struct Cleaner {
    registry: Arc<Registry>,
    namespaces: Namespaces,
    /// The record of an absence.
    record: ObjectWatch<ConfigMap>,
    found: mpsc::UnboundedSender<LeftBehind>,
    settled: watch::Sender<Settled>,
}

/// How far the record of an absence has been followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// It is not known whether there is one, or it is being followed.
    No,
    /// There is none.
    NoRecord,
    /// That of this uid.
    Record(String),
}

// === impl Cleaner ===

impl Cleaner {
    /// Cleans `registry`; what is found by [`Cleaner::namespace_gone`] is for [`Cleaner::run`] to delete.
    pub(crate) fn new(
        registry: Arc<Registry>,
        namespaces: Namespaces,
    ) -> (Arc<Self>, mpsc::UnboundedReceiver<LeftBehind>) {
        let (found, to_delete) = mpsc::unbounded_channel();
        let (record, settled) = (ObjectWatch::new(), watch::Sender::new(Settled::No));
        (Arc::new(Self { registry, namespaces, record, found, settled }), to_delete)
    }

    /// The watch of the record of an absence; without a record to watch there is none.
    pub(crate) fn record(&self) -> &ObjectWatch<ConfigMap> {
        &self.record
    }

    /// There is no record to be followed.
    pub(crate) fn without_record(&self) {
        self.settled.send_replace(Settled::NoRecord);
    }

    /// Waits until nothing is left of an absence.
    pub(crate) async fn wait_settled(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.settled.subscribe().wait_for(|settled| *settled != Settled::No).await;
    }

    /// The uid of the record that has been followed.
    pub(crate) fn settled(&self) -> Option<String> {
        match &*self.settled.borrow() {
            Settled::Record(uid) => Some(uid.clone()),
            Settled::No | Settled::NoRecord => None,
        }
    }

    /// Notes what a namespace has left that is no more, at the moment when nothing can be created there.
    pub(crate) fn namespace_gone(&self, name: &str) {
        for left in self.registry.left_behind(name, None) {
            info!(namespace = name, "a namespace went and left objects behind");
            // The receiver is gone when the process ends.
            let _ = self.found.send(left);
        }
    }

    /// Deletes what was found, and follows the record, until cancelled.
    pub(crate) async fn run(
        &self,
        mut found: mpsc::UnboundedReceiver<LeftBehind>,
        cancel: CancellationToken,
    ) {
        let mut record = self.record.subscribe();
        let follow = async {
            // The sender is a field of this: it is never gone.
            while record.changed().await.is_ok() {
                let observed = record.borrow_and_update().clone();
                self.follow(observed).await;
            }
        };
        let delete = async {
            while let Some(left) = found.recv().await {
                while let Err(error) = left.delete().await {
                    pause(&error.into()).await;
                }
            }
        };
        cancel.run_until_cancelled(futures::future::join(follow, delete)).await;
    }

    async fn follow(&self, record: Option<Observation<ConfigMap>>) {
        match record {
            None => {}
            Some(Observation::Absent) => self.without_record(),
            Some(Observation::Present(record)) => {
                let uid = record.uid().unwrap_or_default();
                if self.settled().as_ref() != Some(&uid) {
                    while let Err(error) = self.settle(&record).await {
                        pause(&error).await;
                    }
                    self.settled.send_replace(Settled::Record(uid));
                }
            }
        }
    }

    /// Deletes what is stored of the namespaces in the record that are no more. What is newer than the record is of a namespace that
    /// came after, or goes the usual way.
    async fn settle(&self, record: &ConfigMap) -> anyhow::Result<()> {
        let written = record.creation_timestamp().context("the record of an absence has no time")?.0;
        let namespaces = record.data.as_ref().and_then(|data| data.get(ABSENCE_NAMESPACES));
        let namespaces = namespaces.context("the record of an absence has no namespaces")?;
        let namespaces: NamespaceUids =
            serde_json::from_str(namespaces).context("the record of an absence cannot be read")?;
        self.namespaces.wait_synced().await;
        while self.registry.published().is_none() || !self.registry.is_restored() {
            tokio::time::sleep(LOOK).await;
        }
        let gone = namespaces.into_iter().filter(|(name, uid)| self.namespaces.is_gone(name, uid));
        let gone: Vec<String> = gone.map(|(name, _)| name).collect();
        for namespace in gone {
            for left in self.registry.left_behind(&namespace, Some(written)) {
                let deleted = left.delete().await?;
                info!(namespace, deleted, "a namespace went while no gateway was ready");
            }
        }
        Ok(())
    }
}

/// Before it is tried again.
async fn pause(error: &anyhow::Error) {
    error!(%error, "what namespaces left behind cannot be deleted, trying again");
    tokio::time::sleep(RETRY).await;
}
