//! A watch on the wire: one JSON line for each event.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures::stream;
use http::StatusCode;
use serde::Serialize;
use serde_json::json;
use tributary_collection::Event;
use tributary_definition::Resource;
use tributary_registry::{Row, Told, VisibleWatch, Watch};

use super::represent::Writer;
use super::respond::{JSON, with_type};

/// Bytes that are set aside for what is encoded here.
const SMALL: usize = 1 << 10;

/// Answers a watch: the header at once, then the events as they come.
pub(crate) fn serve(watch: impl Tells, resource: Arc<Resource>, writer: Writer) -> Response {
    let state = Stream { watch, resource, writer, first: true };
    let frames = stream::unfold(state, |mut state| async move {
        let told = state.watch.next().await?;
        let frame = state.frame(told);
        Some((Ok::<_, Infallible>(frame), state))
    });
    with_type(StatusCode::OK, JSON, Body::from_stream(frames))
}

/// What a watch is served from.
pub(crate) trait Tells: Send + 'static {
    /// What there is to tell, waiting until there is something; None at the end.
    fn next(&mut self) -> impl Future<Output = Option<Vec<Told>>> + Send;
}

impl Tells for Watch {
    async fn next(&mut self) -> Option<Vec<Told>> {
        Self::next(self).await
    }
}

impl Tells for VisibleWatch {
    async fn next(&mut self) -> Option<Vec<Told>> {
        Self::next(self).await
    }
}

struct Stream<W> {
    watch: W,
    resource: Arc<Resource>,
    writer: Writer,
    /// Whether the columns of a Table are still to be told.
    first: bool,
}

impl<W> Stream<W> {
    fn frame(&mut self, told: Vec<Told>) -> Bytes {
        if let ([Told::Event(Event { frame: Some(frame), .. })], Writer::Object) = (&told[..], &self.writer) {
            return frame.clone();
        }
        let mut lines = Vec::with_capacity(told.iter().map(|one| self.length(one)).sum());
        for one in told {
            match one {
                Told::Event(event) => self.event(&mut lines, &event),
                Told::Bookmark { revision, initial_events_end } => {
                    self.bookmark(&mut lines, revision, initial_events_end);
                }
                Told::Error(status) => line(&mut lines, "ERROR", &status),
            }
        }
        Bytes::from(lines)
    }

    /// How many bytes it takes; exactly where it was encoded before. The allocator is slow with large pieces.
    fn length(&self, told: &Told) -> usize {
        match (told, &self.writer) {
            (Told::Event(Event { frame: Some(frame), .. }), Writer::Object) => frame.len(),
            _ => SMALL,
        }
    }

    fn event(&mut self, lines: &mut Vec<u8>, event: &Event<Row>) {
        match (&event.frame, &self.writer) {
            (Some(frame), Writer::Object) => lines.extend_from_slice(frame),
            _ => {
                let columns = std::mem::take(&mut self.first);
                event.write(lines, |lines, object| self.writer.write(lines, &self.resource, object, columns));
            }
        }
    }

    /// A bookmark is an object of the watched kind that has a resourceVersion and nothing else.
    fn bookmark(&mut self, lines: &mut Vec<u8>, revision: u64, initial_events_end: bool) {
        let mut metadata = json!({"resourceVersion": revision.to_string()});
        if initial_events_end {
            metadata["annotations"] = json!({"k8s.io/initial-events-end": "true"});
        }
        let columns = std::mem::take(&mut self.first);
        let object = self.writer.bookmark(&self.resource, metadata, columns);
        line(lines, "BOOKMARK", &object);
    }
}

fn line(lines: &mut Vec<u8>, kind: &str, object: &impl Serialize) {
    lines.extend_from_slice(format!("{{\"type\":\"{kind}\",\"object\":").as_bytes());
    // Writing to memory does not fail.
    let _ = serde_json::to_writer(&mut *lines, object);
    lines.extend_from_slice(b"}\n");
}
