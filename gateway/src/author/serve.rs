//! `serve`: the groups of a folder of definitions on this machine, for their author, without a cluster.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::stream::{self, BoxStream, StreamExt};
use rand::RngCore;
use tokio_util::sync::CancellationToken;
use tributary_access::{Authenticator, Authorizer, SourceEvent, User};
use tributary_definition::SourceReference;
use tributary_process::shutdown_signal;

use super::certificate::Certificate;
use super::definitions::{Definitions, Surroundings};
use super::kubeconfig::Kubeconfig;
use super::objects::Objects;
use crate::args::Serve;
use crate::listener::Listener;
use crate::namespaces::EveryNamespace;
use crate::views::{Hub, Sources};
use crate::wire::{Groups, groups_router};

/// Between two looks at the folders: what is saved is served half a second later.
const LOOK: Duration = Duration::from_millis(250);
/// Random bytes of the token.
const TOKEN_BYTES: usize = 32;

/// Without a folder of objects there are none.
struct NoObjects;

/// What is followed.
struct Folders {
    definitions: Definitions,
    objects: Option<Objects>,
}

/// Serves until SIGTERM or Ctrl-C.
pub(crate) async fn serve(flags: Serve) -> anyhow::Result<()> {
    if !flags.listen.ip().is_loopback() {
        bail!("--listen {} is not a loopback address: whoever gets in may do everything", flags.listen);
    }
    let signal = shutdown_signal().context("signals cannot be handled")?;
    let certificate = Certificate::issue(flags.listen.ip()).context("no certificate could be made")?;
    let token = token();
    let groups = Arc::new(Groups::default());
    let mut folders = Folders::open(&flags, &token, groups.clone())?;
    let front = folders.definitions.front();
    folders.look();
    let listener = Listener::bind(flags.listen, certificate.tls)
        .await
        .with_context(|| format!("cannot listen on {}", flags.listen))?;
    let address = listener.address()?;
    let kubeconfig = Kubeconfig::write(&flags.kubeconfig, address, &certificate.authority, &token)?;
    say(&format!(
        "serving on https://{address}: kubectl --kubeconfig {} api-resources",
        flags.kubeconfig.display()
    ));

    let (looking, accepting) = (CancellationToken::new(), CancellationToken::new());
    let mut listening = tokio::spawn(listener.run(groups_router(groups, front), accepting.clone()));
    let mut followed = tokio::spawn(folders.follow(looking.clone()));
    let unexpected = tokio::select! {
        ended = &mut listening => Some(("the listener", ended.err())),
        ended = &mut followed => Some(("the look at the folders", ended.err())),
        () = signal.cancelled() => None,
    };
    if let Some((part, error)) = unexpected {
        bail!("{part} ended unexpectedly: {error:?}");
    }
    looking.cancel();
    // Whoever watches is told the end; then the connections drain.
    followed.await.context("the look at the folders failed")?;
    accepting.cancel();
    listening.await.context("the listener failed")?;
    drop(kubeconfig);
    Ok(())
}

// === impl Folders ===

impl Folders {
    fn open(flags: &Serve, token: &str, groups: Arc<Groups>) -> anyhow::Result<Self> {
        let named = |what: &'static str, path: &std::path::Path| format!("--{what} {}", path.display());
        let objects =
            flags.objects.as_deref().map(|path| Objects::open(path).with_context(|| named("objects", path)));
        let objects = objects.transpose()?;
        let sources: Arc<dyn Sources> = match &objects {
            Some(objects) => Arc::new(objects.shown()),
            None => Arc::new(NoObjects),
        };
        let surroundings = Surroundings {
            authenticator: Authenticator::of_token(token, author()),
            authorizer: Authorizer::of_masters(),
            namespaces: Arc::new(EveryNamespace),
            hub: Hub::new(sources),
        };
        let definitions = Definitions::open(&flags.definitions, surroundings, groups)
            .with_context(|| named("definitions", &flags.definitions))?;
        Ok(Self { definitions, objects })
    }

    /// Looks at both folders, objects first, and says what is wrong and, after a change, what is served.
    fn look(&mut self) {
        let objects = self.objects.as_mut().map(Objects::look).unwrap_or_default();
        objects.iter().for_each(|problem| say(&problem.to_string()));
        let Some(problems) = self.definitions.look() else { return };
        problems.iter().for_each(|problem| say(&problem.to_string()));
        let served: Vec<&str> = self.definitions.served().collect();
        let groups = if served.is_empty() { "no group".to_owned() } else { served.join(", ") };
        let before = if problems.is_empty() { "" } else { "; files with errors are as they were before" };
        say(&format!("serving {groups}{before}"));
    }

    /// Looks again and again, until cancelled.
    async fn follow(mut self, cancel: CancellationToken) {
        let mut interval = tokio::time::interval(LOOK);
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while cancel.run_until_cancelled(interval.tick()).await.is_some() {
            // Folders may be large, and disks slow.
            let looked = tokio::task::spawn_blocking(move || {
                self.look();
                self
            });
            match looked.await {
                Ok(folders) => self = folders,
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            }
        }
        self.definitions.end_watches();
    }
}

impl Sources for NoObjects {
    fn watch(&self, _: &SourceReference, _newer_than: u64) -> BoxStream<'static, SourceEvent> {
        stream::iter([SourceEvent::Begun, SourceEvent::Complete(0)]).chain(stream::pending()).boxed()
    }
}

/// The one user, who may do everything.
fn author() -> User {
    User {
        name: "author".to_owned(),
        groups: ["system:masters", "system:authenticated"].map(str::to_owned).into(),
        ..User::default()
    }
}

fn token() -> String {
    let mut bytes = [0; TOKEN_BYTES];
    rand::rng().fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// To the person at the terminal; logs are beside it.
fn say(line: &str) {
    // Where nobody listens there is nobody to tell.
    let _ = writeln!(io::stderr(), "{line}");
}
