//! Kubernetes as the gateway sees it: who calls (authentication), what they may do (authorization), and the few
//! objects a gateway watches: the trust ConfigMap, namespaces, and the one `AggregatedAPI` it serves.
//!
//! Gateways only read from Kubernetes. The two exceptions are reviews (TokenReview, SubjectAccessReview), which are
//! questions sent by POST and store nothing.

mod attributes;
mod authenticator;
mod authority;
mod authorizer;
mod bearer;
mod certificate_request;
mod client_certificate;
mod definition;
mod namespaces;
mod object_watch;
mod peer;
mod request_header;
mod review;
mod source_watch;
#[cfg(test)]
mod testing;
mod trust;
mod user;

pub use attributes::{Attributes, Requirement, RequirementOperator};
pub use authenticator::{AuthenticationError, Authenticator};
pub use authority::{AuthorityBundle, AuthorityError};
pub use authorizer::{AuthorizationError, Authorizer, Decision};
pub use certificate_request::client_certificate_verifier;
pub use definition::{DefinitionEvent, DefinitionWatch};
pub use namespaces::{NamespaceError, NamespaceState, Namespaces};
pub use object_watch::{ObjectWatch, Observation};
pub use peer::PeerCertificates;
pub use request_header::{RequestHeaderError, RequestHeaders};
pub use review::ReviewError;
pub use source_watch::{SourceEvent, SourceFailure, SourceObject, watch_source};
pub use trust::{Trust, TrustError, TrustSnapshot};
pub use user::User;
