//! How many files, and so connections, the process may have open.

/// Raises the soft limit to the hard one, as Go does for kube-apiserver: a shell or an old container runtime gives 1024,
/// less than the connections that are let in.
pub fn allow_open_files() {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(files) => tracing::debug!(files, "files that may be open"),
        Err(error) => tracing::warn!(%error, "the limit of open files stays as it is"),
    }
}
