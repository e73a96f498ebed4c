//! Small writes of one connection leave together.
//!
//! h2 flushes after each frame, so that an event for a hundred watches on one connection would be a hundred TLS records and
//! system calls. Here writes are gathered until the streams that are ready have had their turn.

use std::future::{Future, poll_fn};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes that are gathered: what one TLS record holds. Larger writes go through.
const MOST: usize = 16 << 10;

/// A stream whose writes are gathered. It takes a future of [`Gathered::drive`] to send them.
pub(crate) struct Gathered<S>(Arc<Mutex<Gathering<S>>>);

struct Gathering<S> {
    stream: S,
    buffer: Vec<u8>,
    /// What of the buffer is written.
    written: usize,
    /// Whether the others have had their turn since something was gathered.
    waited: bool,
}

// === impl Gathered ===

impl<S: AsyncWrite + Unpin> Gathered<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self(Arc::new(Mutex::new(Gathering { stream, buffer: Vec::new(), written: 0, waited: false })))
    }

    /// The same stream, to be driven by whoever polls what it was given to.
    pub(crate) fn share(&self) -> Self {
        Self(self.0.clone())
    }

    /// Polls `user`, which has the stream, to its end, and sends what it has written meanwhile.
    pub(crate) async fn drive<F: Future>(&self, mut user: Pin<&mut F>) -> F::Output {
        poll_fn(|context| {
            let ended = user.as_mut().poll(context);
            self.lock().take_turn(context);
            ended
        })
        .await
    }

    /// Whoever panicked while it was held has left a whole value.
    fn lock(&self) -> MutexGuard<'_, Gathering<S>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Gathering ===

impl<S: AsyncWrite + Unpin> Gathering<S> {
    /// Sends what was gathered, once all others that are ready have been polled.
    fn take_turn(&mut self, context: &mut Context<'_>) {
        if self.buffer.is_empty() {
            return;
        }
        if !self.waited {
            self.waited = true;
            context.waker().wake_by_ref();
            return;
        }
        if let Poll::Ready(Err(_)) = self.drain(context) {
            // The peer is gone, which the user learns when it reads.
            self.buffer.clear();
            self.written = 0;
        }
    }

    fn drain(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.written < self.buffer.len() {
            let rest = &self.buffer[self.written..];
            match ready!(Pin::new(&mut self.stream).poll_write(context, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => self.written += written,
            }
        }
        self.buffer.clear();
        self.written = 0;
        self.waited = false;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn gather(&mut self, context: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let length: usize = slices.iter().map(|slice| slice.len()).sum();
        if !self.buffer.is_empty() && self.buffer.len() + length > MOST {
            ready!(self.drain(context))?;
        }
        if length > MOST {
            return Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        }
        slices.iter().for_each(|slice| self.buffer.extend_from_slice(slice));
        Poll::Ready(Ok(length))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Gathered<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.lock().stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Gathered<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.lock().gather(context, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.lock().gather(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// What was gathered is sent by [`Gathered::drive`].
    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut gathering = self.lock();
        match gathering.buffer.is_empty() {
            true => Pin::new(&mut gathering.stream).poll_flush(context),
            false => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut gathering = self.lock();
        ready!(gathering.drain(context))?;
        Pin::new(&mut gathering.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// Takes everything, and remembers how much each time.
    #[derive(Default)]
    struct Writes(Vec<usize>);

    impl AsyncWrite for Writes {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.0.push(bytes.len());
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test]
    async fn small_writes_leave_together_and_large_ones_at_once() {
        for (sizes, expected) in [
            (vec![10, 20, 30], vec![60]),
            (vec![MOST, 1], vec![MOST, 1]),
            (vec![1, MOST + 1, 2], vec![1, MOST + 1, 2]),
        ] {
            let stream = Gathered::new(Writes::default());
            let mut user = stream.share();
            let writes = pin!(async {
                for size in &sizes {
                    user.write_all(&vec![0; *size]).await.unwrap();
                    user.flush().await.unwrap();
                }
                // As a connection that waits for its peer.
                tokio::task::yield_now().await;
                tokio::task::yield_now().await;
            });
            stream.drive(writes).await;
            assert_eq!(stream.lock().stream.0, expected, "{sizes:?}");
        }
    }

    #[tokio::test]
    async fn a_slow_peer_gets_everything_in_order() {
        let (near, mut far) = tokio::io::duplex(64);
        let stream = Gathered::new(near);
        let mut user = stream.share();
        let sent: Vec<u8> = (0..100_000u32).map(|n| n as u8).collect();
        let writes = pin!(async {
            for chunk in sent.chunks(700) {
                user.write_all(chunk).await.unwrap();
            }
            user.shutdown().await.unwrap();
        });
        let mut received = Vec::new();
        let (_, read) = tokio::join!(stream.drive(writes), far.read_to_end(&mut received));
        read.unwrap();
        assert_eq!(received, sent);
    }
}
