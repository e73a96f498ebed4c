//! What tests of this crate share: a mint for certificates and an API server in the process.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use kube::client::Body;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::pki_types::CertificateDer;
use serde_json::Value;
use tower::service_fn;

use crate::review::Patience;

/// Patience of tests: quick tries.
pub(crate) const IMPATIENT: Patience =
    Patience { deadline: Duration::from_secs(5), first_delay: Duration::from_millis(1) };
/// Longer than any test.
pub(crate) const FOREVER: Duration = Duration::from_secs(3600);

/// A certificate authority.
pub(crate) struct Mint {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    pem: String,
}

/// Parameters of a certificate valid from 2020 to 2120, without extensions.
pub(crate) fn certificate(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2120, 1, 1);
    params.distinguished_name = rcgen::DistinguishedName::new();
    if !common_name.is_empty() {
        params.distinguished_name.push(DnType::CommonName, common_name);
    }
    params
}

/// A client certificate.
pub(crate) fn client(common_name: &str) -> CertificateParams {
    let mut params = certificate(common_name);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params
}

/// A certificate that may sign others.
pub(crate) fn authority(common_name: &str) -> CertificateParams {
    let mut params = certificate(common_name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

impl Mint {
    pub(crate) fn new(name: &str) -> Self {
        Self::of(authority(name))
    }

    /// A self-signed authority of these parameters.
    pub(crate) fn of(params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let (der, pem) = (certificate.der().clone(), certificate.pem());
        Self { issuer: Issuer::new(params, key), certificate: der, pem }
    }

    /// An authority signed by this one.
    pub(crate) fn intermediate(&self, params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let (der, pem) = (certificate.der().clone(), certificate.pem());
        Self { issuer: Issuer::new(params, key), certificate: der, pem }
    }

    pub(crate) fn issue(&self, params: &CertificateParams) -> CertificateDer<'static> {
        self.issue_for(params, &KeyPair::generate().unwrap())
    }

    pub(crate) fn issue_for(&self, params: &CertificateParams, key: &KeyPair) -> CertificateDer<'static> {
        params.signed_by(key, &self.issuer).unwrap().der().clone()
    }

    pub(crate) fn pem(&self) -> String {
        self.pem.clone()
    }

    pub(crate) fn der(&self) -> CertificateDer<'static> {
        self.certificate.clone()
    }

    /// The DER of the subject.
    pub(crate) fn subject(&self) -> Vec<u8> {
        use x509_parser::prelude::FromDer;
        let (_, parsed) = x509_parser::certificate::X509Certificate::from_der(&self.certificate).unwrap();
        parsed.subject().as_raw().to_vec()
    }
}

/// The ConfigMap's data as kubeadm writes it, with these CA bundles; an empty one is left out.
pub(crate) fn trust_data(client_ca: &str, front_proxy_ca: &str) -> BTreeMap<String, String> {
    let entries = [
        ("client-ca-file", client_ca),
        ("requestheader-client-ca-file", front_proxy_ca),
        ("requestheader-username-headers", r#"["X-Remote-User"]"#),
        ("requestheader-group-headers", r#"["X-Remote-Group"]"#),
        ("requestheader-extra-headers-prefix", r#"["X-Remote-Extra-"]"#),
        ("requestheader-allowed-names", r#"["front-proxy-client"]"#),
    ];
    let given = entries.into_iter().filter(|(_, value)| !value.is_empty());
    given.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// One request that the API server got.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) uri: String,
    pub(crate) accept: String,
    pub(crate) body: Value,
}

/// An API server in the process, answered by a function.
#[derive(Clone, Default)]
pub(crate) struct ApiServer {
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// What the API server answers: a status code, a Retry-After and a body; the events of a watch that ends; or nothing, which
/// is a lost connection or one that stays.
pub(crate) enum Reply {
    Answer(u16, Option<&'static str>, Value),
    Watch(Vec<Value>),
    Lost,
    Never,
    /// So many bytes.
    Large(usize),
    /// After some time.
    Late(Duration, Box<Reply>),
}

impl Reply {
    pub(crate) fn ok(body: Value) -> Self {
        Self::Answer(201, None, body)
    }
}

impl ApiServer {
    /// A client of a server that answers with `reply`, which gets the request's number from 0.
    pub(crate) fn client(
        &self,
        reply: impl Fn(usize, &Asked) -> Reply + Send + Sync + 'static,
    ) -> kube::Client {
        let (asked, reply) = (Arc::clone(&self.asked), Arc::new(reply));
        let service = service_fn(move |request: Request<Body>| {
            let (asked, reply) = (Arc::clone(&asked), Arc::clone(&reply));
            async move {
                let (head, body) = request.into_parts();
                let body = body.collect().await.unwrap().to_bytes();
                let body = serde_json::from_slice(&body).unwrap_or_default();
                let accept =
                    head.headers.get("accept").and_then(|accept| accept.to_str().ok()).unwrap_or_default();
                let request = Asked {
                    method: head.method.to_string(),
                    uri: head.uri.to_string(),
                    accept: accept.to_owned(),
                    body,
                };
                let number = {
                    let mut asked = asked.lock().unwrap();
                    asked.push(request.clone());
                    asked.len() - 1
                };
                // Other requests get their turn, as with a real server.
                tokio::task::yield_now().await;
                match reply(number, &request) {
                    Reply::Never => std::future::pending().await,
                    Reply::Late(after, reply) => {
                        tokio::time::sleep(after).await;
                        respond(*reply)
                    }
                    reply => respond(reply),
                }
            }
        });
        kube::Client::new(service, "default")
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn respond(reply: Reply) -> Result<Response<Full<Bytes>>, std::io::Error> {
    match reply {
        Reply::Lost | Reply::Never | Reply::Late(..) => Err(std::io::ErrorKind::ConnectionReset.into()),
        Reply::Large(bytes) => Ok(Response::new(Full::from(vec![b' '; bytes]))),
        Reply::Watch(events) => {
            let lines: String = events.iter().map(|event| format!("{event}\n")).collect();
            Ok(Response::new(Full::from(lines)))
        }
        Reply::Answer(code, retry_after, body) => {
            let mut response = Response::builder().status(code);
            if let Some(seconds) = retry_after {
                response = response.header("retry-after", seconds);
            }
            Ok(response.body(Full::from(body.to_string())).unwrap())
        }
    }
}

/// A client whose server must not be asked.
pub(crate) fn no_client() -> kube::Client {
    ApiServer::default().client(|_, asked| panic!("unexpected request {asked:?}"))
}
