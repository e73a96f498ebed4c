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

/// Writes one item of a list.
pub(crate) type WriteItem = Box<dyn Fn(&mut Vec<u8>, &Version) + Send>;

/// What is around the items of a list, and how they are written.
pub(crate) struct Layout {
    pub(crate) header: Vec<u8>,
    pub(crate) write_item: WriteItem,
    /// Between two items.
    pub(crate) separator: &'static [u8],
    pub(crate) trailer: Vec<u8>,
    /// Indents what is written.
    pub(crate) pretty: Option<Pretty>,
}

/// A list being written.
pub(crate) struct ListBody {
    layout: Layout,
    objects: vec::IntoIter<Arc<Version>>,
    /// Frames that have been made, in order, and their bytes.
    made: vec::IntoIter<Bytes>,
    ready: u64,
    begun: bool,
    ended: bool,
}

impl ListBody {
    /// A list of `objects`: in one piece if it is small, else written as it is sent.
    pub(crate) fn body(layout: Layout, objects: Vec<Arc<Version>>) -> Body {
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
        frame.reserve(FRAME);
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

impl http_body::Body for ListBody {
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
