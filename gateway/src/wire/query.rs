//! The query of a request.

use http::Uri;
use tributary_registry::Parameters;

/// The query parameters, decoded, in the order of the request. kube-apiserver hands them on sorted.
pub(crate) fn parameters(uri: &Uri) -> Parameters {
    let query = uri.query().unwrap_or_default();
    Parameters(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
}
