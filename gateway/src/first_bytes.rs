//! A stream whose first bytes must come in time.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// Bytes of HTTP/2's preface. Until that many have come, nothing else has a time limit: what protocol is spoken is
/// not known yet.
const ENOUGH: usize = 24;

/// A stream that fails unless its peer begins to speak within a time.
pub(crate) struct FirstBytes<S> {
    stream: S,
    waiting: Option<(usize, Pin<Box<Sleep>>)>,
}

impl<S> FirstBytes<S> {
    /// `stream`, whose peer has `time` to begin.
    pub(crate) fn within(time: Duration, stream: S) -> Self {
        Self { stream, waiting: Some((ENOUGH, Box::pin(sleep(time)))) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for FirstBytes<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let this = &mut *self;
        let read = Pin::new(&mut this.stream).poll_read(context, buffer);
        let Some((missing, late)) = &mut this.waiting else { return read };
        *missing = missing.saturating_sub(buffer.filled().len() - before);
        if *missing == 0 {
            this.waiting = None;
        } else if read.is_pending() && late.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for FirstBytes<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    /// Reads all of what a peer sends that says `sent` and then nothing.
    async fn read_after(sent: &[u8]) -> io::Result<usize> {
        let (near, mut far) = duplex(64);
        far.write_all(sent).await.unwrap();
        let mut stream = FirstBytes::within(Duration::from_secs(10), near);
        let mut bytes = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut bytes)).await;
        read.unwrap_or(Ok(bytes.len()))
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_an_error() {
        for sent in [&b""[..], b"PRI * HTT"] {
            assert_eq!(read_after(sent).await.unwrap_err().kind(), io::ErrorKind::TimedOut);
        }
        assert_eq!(read_after(b"GET / HTTP/1.1\r\nHost: a\r\n").await.unwrap(), 25);
    }
}
