//! What clients are told of a write that was not acknowledged.

use tributary_sources::{Fault, StoredError};

use crate::row::Row;
use crate::status::{Reason, Status};

impl Status {
    /// A write that did not happen, or is not known to have.
    pub(crate) fn unwritten(error: &StoredError<Row>) -> Self {
        let text = error.to_string();
        match error {
            StoredError::Fault(Fault::Busy) => {
                Self::failure(Reason::TooManyRequests, text).with_retry_after(1)
            }
            StoredError::Fault(Fault::Locked | Fault::Closed) | StoredError::Unread(_) => {
                Self::failure(Reason::ServiceUnavailable, text).with_retry_after(1)
            }
            // Without Retry-After: clients that try again by themselves would not help a disk.
            StoredError::Fault(_) => Self::failure(Reason::ServiceUnavailable, text),
            _ => Self::unknown(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_to_try_again() {
        for (fault, code, retry) in [
            (Fault::Busy, 429, Some(1)),
            (Fault::Locked, 503, Some(1)),
            (Fault::Closed, 503, Some(1)),
            (Fault::Full("no space".to_owned()), 503, None),
            (Fault::Disk("gone".to_owned()), 503, None),
        ] {
            let status = Status::unwritten(&StoredError::Fault(fault.clone()));
            assert_eq!(status.code(), code, "{fault}");
            assert_eq!(status.details.and_then(|details| details.retry_after_seconds), retry, "{fault}");
            assert_eq!(status.message, format!("the change is not acknowledged: {fault}"));
        }
    }
}
