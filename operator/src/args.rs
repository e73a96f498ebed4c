//! The command line: the only reader of flags and environment.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;
use tributary_process::LogFormat;

use crate::site::Site;

/// Serves API groups that are declared as AggregatedAPI objects: for each it runs a gateway and registers its versions
/// with the Kubernetes API server.
#[derive(Debug, Parser)]
#[command(name = "tributary-operator", version)]
pub(crate) struct Args {
    /// The namespace in which gateways run, the operator's own
    #[arg(long, env = "POD_NAMESPACE", default_value = "tributary-system")]
    pub(crate) namespace: String,
    /// The image of gateways
    #[arg(long, env = "TRIBUTARY_GATEWAY_IMAGE", default_value = "tributary.dev/gateway:dev")]
    gateway_image: String,
    /// Images that spec.gateway.image may name besides the operator's own; `*` matches any text
    #[arg(long, env = "TRIBUTARY_ALLOWED_IMAGES", value_delimiter = ',', value_name = "PATTERN")]
    allowed_images: Vec<String>,
    /// The kubeconfig; default: the Pod's ServiceAccount, then $KUBECONFIG, then ~/.kube/config
    #[arg(long, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// Where /healthz, /readyz and /metrics are served, without TLS
    #[arg(long, env = "TRIBUTARY_ADMIN_LISTEN", default_value = "0.0.0.0:8080", value_name = "ADDRESS")]
    pub(crate) admin_listen: SocketAddr,
    /// What is logged, in the language of RUST_LOG
    #[arg(long, env = "TRIBUTARY_LOG", default_value = "info", value_name = "FILTER")]
    pub(crate) log: String,
    /// The form of log lines: text or json
    #[arg(long, env = "TRIBUTARY_LOG_FORMAT", default_value = "text", value_name = "FORMAT")]
    pub(crate) log_format: LogFormat,
    /// The name that Events carry as their reporter's
    #[arg(long, env = "POD_NAME", default_value = "tributary-operator", hide = true)]
    pub(crate) instance: String,
}

// === impl Args ===

impl Args {
    /// What the children of every group have in common.
    pub(crate) fn site(&self) -> Site {
        Site {
            namespace: self.namespace.clone(),
            gateway_image: self.gateway_image.clone(),
            allowed_images: self.allowed_images.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults() {
        let args = Args::try_parse_from(["tributary-operator"]).expect("no flag is required");
        assert_eq!(args.site().gateway_image, "tributary.dev/gateway:dev");
        assert_eq!(args.admin_listen.port(), 8080);
    }

    #[test]
    fn bad_values_are_named() {
        for (flag, value) in [("--admin-listen", "8080"), ("--log-format", "xml")] {
            let error =
                Args::try_parse_from(["tributary-operator", flag, value]).expect_err(flag).to_string();
            assert!(error.contains(flag), "{error}");
        }
    }
}
