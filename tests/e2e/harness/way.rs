//! The way from a gateway to kube-apiserver, which can be cut: every connection at once, as by a network or a restart.

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A port of loopback whose connections lead to another address. Dropped, it leads nowhere.
pub(crate) struct Way {
    /// `127.0.0.1:<port>`.
    pub(crate) address: String,
    cuts: watch::Sender<usize>,
}

impl Way {
    /// A way to `address`.
    pub(crate) async fn to(address: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let way = Self { address: listener.local_addr().unwrap().to_string(), cuts: watch::Sender::new(0) };
        let (address, mut closed) = (address.to_owned(), way.cuts.subscribe());
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    accepted = listener.accept() => {
                        let Ok((near, _)) = accepted else { return };
                        tokio::spawn(lead(near, address.clone(), closed.clone()));
                    }
                    changed = closed.changed() => if changed.is_err() { return },
                }
            }
        });
        way
    }

    /// Ends all connections; new ones are taken.
    pub(crate) fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }
}

async fn lead(mut near: TcpStream, address: String, mut cut: watch::Receiver<usize>) {
    cut.mark_unchanged();
    let Ok(mut far) = TcpStream::connect(address).await else { return };
    // How it ends is seen by both ends.
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
        _ = cut.changed() => {}
    }
}
