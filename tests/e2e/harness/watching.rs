//! Watches that are read as slowly as one likes: many on one connection, or one on its own.

use bytes::{Bytes, BytesMut};
use http::{Method, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};

use super::caller::Caller;

/// What the server may send of one answer before it is read, in bytes; and of all answers of a connection.
const STREAM_WINDOW: u32 = 64 << 10;
const CONNECTION_WINDOW: u32 = 64 << 20;

/// An HTTP/2 connection for many watches. It is closed when this and all of them are gone.
#[derive(Clone)]
pub(crate) struct Streams {
    caller: Caller,
    sender: http2::SendRequest<Full<Bytes>>,
}

/// The answer to a watch, line by line. What is not read stays with the server.
pub(crate) struct Watching {
    answer: Response<Incoming>,
    read: BytesMut,
}

// === impl Streams ===

impl Streams {
    /// Connects as `caller`.
    pub(crate) async fn open(caller: &Caller) -> Self {
        let stream = TokioIo::new(caller.connect_for(&["h2"]).await);
        let (sender, connection) = http2::Builder::new(TokioExecutor::new())
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .handshake(stream)
            .await
            .unwrap();
        tokio::spawn(connection);
        Self { caller: caller.clone(), sender }
    }

    /// Sends a watch; returns when the header of its answer is there, whatever it says.
    pub(crate) async fn watch(&self, path: &str) -> Watching {
        let mut sender = self.sender.clone();
        sender.ready().await.unwrap();
        let uri = format!("https://{}{path}", self.caller.name);
        let answer = sender.send_request(self.caller.request(Method::GET, &uri, "")).await.unwrap();
        Watching { answer, read: BytesMut::new() }
    }

    /// Sends a request and gives it up at once (RST_STREAM); whether the connection is still there.
    pub(crate) async fn give_up(&self, path: &str) -> bool {
        let mut sender = self.sender.clone();
        if sender.ready().await.is_err() {
            return false;
        }
        let uri = format!("https://{}{path}", self.caller.name);
        let answer = std::pin::pin!(sender.send_request(self.caller.request(Method::GET, &uri, "")));
        tokio::select! {
            biased;
            answer = answer => answer.is_ok(),
            // The connection has its turn, and sends it.
            () = tokio::task::yield_now() => true,
        }
    }
}

// === impl Watching ===

impl Watching {
    /// Sends a watch on an HTTP/1.1 connection of its own.
    pub(crate) async fn alone(caller: &Caller, path: &str) -> Self {
        let stream = TokioIo::new(caller.connect_for(&["http/1.1"]).await);
        let (mut sender, connection) = http1::handshake(stream).await.unwrap();
        tokio::spawn(connection);
        let answer = sender.send_request(caller.request(Method::GET, path, "")).await.unwrap();
        Self { answer, read: BytesMut::new() }
    }

    /// The next line, waiting for it; None at the end, whatever ended it.
    pub(crate) async fn line(&mut self) -> Option<Bytes> {
        let mut searched = 0;
        loop {
            if let Some(end) = self.read[searched..].iter().position(|byte| *byte == b'\n') {
                return Some(self.read.split_to(searched + end + 1).freeze());
            }
            searched = self.read.len();
            let frame = self.answer.body_mut().frame().await?.ok()?;
            self.read.extend_from_slice(frame.data_ref().unwrap());
        }
    }

    /// The code of the answer.
    pub(crate) fn code(&self) -> u16 {
        self.answer.status().as_u16()
    }
}
