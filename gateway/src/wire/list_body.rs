//! The body of a list: header, items, trailer, in frames of 64 KiB, with no lock held.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::vec;

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tributary_registry::Version;

use super::compress::THRESHOLD;
use super::pretty::Pretty;

/// Bytes of a frame. HTTP/2 flushes each frame: small ones cost more than the copying (docs: 7 ms of CPU for
/// 11.5 MB in such frames, 14 to 23 ms in one frame an object).
const FRAME: usize = 64 << 10;
/// Bytes that are set aside for the item that passes them: a frame that grows is copied.
const LAST_ITEM: usize = 8 << 10;

/// Writes one item of a list.
pub(crate) type WriteItem<T = Version> = Box<dyn Fn(&mut Vec<u8>, &T) + Send>;

/// What is around the items of a list, and how they are written.
pub(crate) struct Layout<T = Version> {
    pub(crate) header: Vec<u8>,
    pub(crate) write_item: WriteItem<T>,
    /// Between two items.
    pub(crate) separator: &'static [u8],
    pub(crate) trailer: Vec<u8>,
    /// Indents what is written.
    pub(crate) pretty: Option<Pretty>,
}

/// A list being written.
pub(crate) struct ListBody<T = Version> {
    layout: Layout<T>,
    objects: vec::IntoIter<Arc<T>>,
    /// Frames that have been made, in order, and their bytes.
    made: vec::IntoIter<Bytes>,
    ready: u64,
    begun: bool,
    ended: bool,
}

impl<T: Send + Sync + 'static> ListBody<T> {
    /// A list of `objects`: in one piece if it is small, else written as it is sent.
    pub(crate) fn body(layout: Layout<T>, objects: Vec<Arc<T>>) -> Body {
        let mut list = Self {
            layout,
            objects: objects.into_iter(),
            made: Vec::new().into_iter(),
            ready: 0,
            begun: false,
            ended: false,
        };
        let mut made = Vec::new();
        // Whether it is large enough to be compressed has to be known before the first byte is sent.
        while list.ready <= THRESHOLD as u64 {
            let Some(frame) = list.next_frame() else { break };
            list.ready += frame.len() as u64;
            made.push(frame);
        }
        if list.ended {
            return Body::from(made.concat());
        }
        list.made = made.into_iter();
        Body::new(list)
    }

    fn next_frame(&mut self) -> Option<Bytes> {
        if self.ended {
            return None;
        }
        let mut frame = std::mem::take(&mut self.layout.header);
        frame.reserve(FRAME + LAST_ITEM);
        while frame.len() < FRAME {
            let Some(object) = self.objects.next() else {
                frame.extend_from_slice(&self.layout.trailer);
                self.ended = true;
                break;
            };
            if std::mem::replace(&mut self.begun, true) {
                frame.extend_from_slice(self.layout.separator);
            }
            (self.layout.write_item)(&mut frame, &object);
        }
        let Some(pretty) = &mut self.layout.pretty else { return Some(frame.into()) };
        let mut indented = Vec::with_capacity(frame.len() * 2);
        pretty.write(&mut indented, &frame);
        Some(indented.into())
    }
}

impl<T: Send + Sync + 'static> http_body::Body for ListBody<T> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let made = self.made.next();
        if let Some(frame) = &made {
            self.ready -= frame.len() as u64;
        }
        let frame = made.or_else(|| self.next_frame());
        Poll::Ready(frame.map(|frame| Ok(Frame::data(frame))))
    }

    fn is_end_stream(&self) -> bool {
        self.ended && self.made.as_slice().is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = SizeHint::new();
        hint.set_lower(self.ready);
        hint
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    /// The sizes of the frames of a list with items of these sizes, whose bytes are right.
    async fn frames(items: &[usize]) -> Vec<usize> {
        let layout = Layout {
            header: b"[".to_vec(),
            write_item: Box::new(|into: &mut Vec<u8>, item: &Vec<u8>| into.extend_from_slice(item)),
            separator: b",",
            trailer: b"]".to_vec(),
            pretty: None,
        };
        let items: Vec<_> =
            items.iter().enumerate().map(|(n, size)| vec![b'a' + (n % 26) as u8; *size]).collect();
        let expected = [b"[", items.join(&b',').as_slice(), b"]"].concat();
        let mut body = ListBody::body(layout, items.into_iter().map(Arc::new).collect());
        let (mut sizes, mut all) = (Vec::new(), Vec::new());
        while let Some(frame) = body.frame().await {
            let data = frame.unwrap().into_data().unwrap();
            sizes.push(data.len());
            all.extend_from_slice(&data);
        }
        assert!(all == expected, "{sizes:?}");
        sizes
    }

    #[tokio::test]
    async fn frames_are_full_and_not_much_more() {
        for (items, size) in [(10_000, 1_100), (9, 40_000), (64, 4_096), (5, 300_000), (2, FRAME)] {
            let sizes = frames(&vec![size; items]).await;
            let (last, full) = sizes.split_last().unwrap();
            assert!(full.iter().all(|frame| (FRAME..FRAME + size + 2).contains(frame)), "{size}: {sizes:?}");
            assert!(*last < FRAME + size + 2, "{size}: {sizes:?}");
        }
        assert_eq!(frames(&[]).await, [2]);
        assert_eq!(frames(&[5, 6]).await, [14], "a small list is one piece");
    }
}
