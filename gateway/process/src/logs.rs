//! Logs: to standard error, filtered as `RUST_LOG` would be.

use std::str::FromStr;

use thiserror::Error;
use tracing_subscriber::EnvFilter;

/// The form of a log line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for collectors.
    Json,
}

/// Why logs could not be set up.
#[derive(Debug, Error)]
pub enum LogsError {
    /// Not a filter.
    #[error("invalid log filter {filter:?}: {reason}")]
    Filter {
        /// What was given.
        filter: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Neither text nor json.
    #[error("invalid log format {0:?}: want text or json")]
    Format(String),
    /// Logs are set up once a process.
    #[error("logs are already set up")]
    Twice,
}

/// Sends the process' logs to standard error.
///
/// `filter` is in `RUST_LOG`'s language: `info`, or `info,tributary_operator=debug`.
///
/// # Errors
/// [`LogsError`] when the filter is not one, or a subscriber is already set.
pub fn init_logs(filter: &str, format: LogFormat) -> Result<(), LogsError> {
    let builder =
        tracing_subscriber::fmt().with_env_filter(parse_filter(filter)?).with_writer(std::io::stderr);
    let installed = match format {
        LogFormat::Text => builder.with_ansi(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    installed.map_err(|_| LogsError::Twice)
}

fn parse_filter(filter: &str) -> Result<EnvFilter, LogsError> {
    EnvFilter::try_new(filter)
        .map_err(|error| LogsError::Filter { filter: filter.to_owned(), reason: error.to_string() })
}

// === impl LogFormat ===

impl FromStr for LogFormat {
    type Err = LogsError;

    fn from_str(text: &str) -> Result<Self, LogsError> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(LogsError::Format(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        assert_eq!("text".parse::<LogFormat>().ok(), Some(LogFormat::Text));
        assert_eq!("json".parse::<LogFormat>().ok(), Some(LogFormat::Json));
        let error = "xml".parse::<LogFormat>().expect_err("xml is no format");
        assert_eq!(error.to_string(), "invalid log format \"xml\": want text or json");
    }

    #[test]
    fn filters() {
        assert!(parse_filter("info,tributary_operator=debug").is_ok());
        let error = parse_filter("info,kube=loud").expect_err("loud is no level");
        assert!(error.to_string().starts_with("invalid log filter \"info,kube=loud\": "), "{error}");
    }
}
