use jiff::{SignedDuration, Timestamp};
use rustls::ServerConfig;
use rustls::server::WebPkiClientVerifier;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::certificates::{Terms, issue_authority, issue_leaf, issue_reader};
use crate::fixture;
use crate::pods::is_serving;

const HOURS: fn(i64) -> SignedDuration = SignedDuration::from_hours;

fn terms() -> Terms {
    Terms { authority: HOURS(100), leaf: HOURS(10), renew_before: HOURS(1) }
}

fn authority() -> Authority {
    issue_authority("tasks.example.com", &terms(), Timestamp::now()).expect("a CA")
}

/// A Pod whose gateway listens at `port` of this machine.
fn pod(port: u16) -> Pod {
    serde_json::from_value(json!({
        "metadata": {"name": "g-1"},
        "spec": {"containers": [{"name": "gateway", "ports": [{"name": "https", "containerPort": port}]}]},
        "status": {"podIP": "127.0.0.1", "conditions": [{"type": "Ready", "status": "True"}]},
    }))
    .expect("a Pod")
}

/// A server with a certificate of `authority` for `name`, which asks for client certificates of the same CA and sends
/// `answer` to whoever has one; silent if that is empty.
async fn server(authority: &Authority, name: &str, answer: String) -> u16 {
    let leaf = issue_leaf(authority, &[name.to_owned()], &terms(), Timestamp::now()).expect("a leaf");
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.certificate.as_bytes()).expect("PEM")).expect("a CA");
    let chain = vec![CertificateDer::from_pem_slice(leaf.certificate.as_bytes()).expect("PEM")];
    let key = PrivateKeyDer::from_pem_slice(leaf.key.as_bytes()).expect("a key");
    let verifier = WebPkiClientVerifier::builder(roots.into()).build().expect("a verifier");
    let config = ServerConfig::builder().with_client_cert_verifier(verifier).with_single_cert(chain, key);
    let acceptor = TlsAcceptor::from(Arc::new(config.expect("a configuration")));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = vec![0; 4096];
            let read = stream.read(&mut request).await.unwrap_or(0);
            assert!(request[..read].starts_with(b"GET /tributary/state HTTP/1.1\r\n"));
            if answer.is_empty() {
                std::future::pending::<()>().await;
            }
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    port
}

fn answer(code: u16, body: &str) -> String {
    format!("HTTP/1.1 {code} x\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

#[tokio::test]
async fn only_the_groups_own_gateway_is_believed() {
    tributary_process::install_crypto_provider();
    let (own, foreign) = (authority(), authority());
    let [name, _] = fixture::group().dns_names();
    let told = json!({"generation": 3, "resources": [{"name": "tasks", "objects": 2}]}).to_string();
    let long = format!("\"{}\"", "x".repeat(LONGEST));
    for (case, server_of, name_of, client_of, answer, want) in [
        ("its own", &own, name.as_str(), &own, answer(200, &told), "generation 3"),
        ("a server of another CA", &foreign, &name, &own, answer(200, &told), "TLS: "),
        ("another name", &own, "other.svc", &own, answer(200, &told), "TLS: "),
        ("a refusal", &own, &name, &own, answer(403, "{}"), "HTTP 403"),
        ("not a state", &own, &name, &own, answer(200, "\"x\""), "its answer is not a state"),
        ("too long", &own, &name, &own, answer(200, &long), "HTTP: "),
        ("no answer", &own, &name, &own, String::new(), "no answer within 5 s"),
        ("a reader of another CA", &own, &name, &foreign, answer(200, &told), "HTTP: "),
    ] {
        let port = server(server_of, name_of, answer).await;
        let reader = issue_reader(client_of, Timestamp::now()).expect("a certificate");
        let asker = Asker::new(&own, &reader, &name).expect("an asker");
        let got = match asker.ask(&pod(port)).await {
            Ok(state) => format!("generation {}", state.generation.unwrap_or_default()),
            Err(error) => error.to_string(),
        };
        assert!(got.starts_with(want), "{case}: {got}");
    }
}

#[tokio::test]
async fn nobody_listens() {
    tributary_process::install_crypto_provider();
    let own = authority();
    let reader = issue_reader(&own, Timestamp::now()).expect("a certificate");
    let asker = Asker::new(&own, &reader, "gateway.svc").expect("an asker");
    let port =
        TcpListener::bind("127.0.0.1:0").await.and_then(|free| free.local_addr()).expect("a port").port();
    let refused = asker.ask(&pod(port)).await.expect_err("nobody");
    assert!(describe(&pod(port), &refused).starts_with("Pod g-1: no connection: "), "{refused}");
    let nowhere: Pod = serde_json::from_value(json!({"metadata": {"name": "g-1"}})).expect("a Pod");
    let nowhere = asker.ask(&nowhere).await.expect_err("no address").to_string();
    assert_eq!(nowhere, "it has no address or no port https");
}

#[test]
fn who_is_asked() {
    let check = |case: &str, change: Value, want: bool| {
        let mut pod = serde_json::to_value(pod(1)).expect("JSON");
        for (path, value) in change.as_object().expect("paths") {
            *pod.pointer_mut(path).expect("a place") = value.clone();
        }
        assert_eq!(is_serving(&serde_json::from_value(pod).expect("a Pod")), want, "{case}");
    };
    check("ready", json!({}), true);
    check("not ready", json!({"/status/conditions/0/status": "False"}), false);
    check("no conditions", json!({"/status/conditions": []}), false);
    let ending = json!({"name": "g-1", "deletionTimestamp": "2026-11-22T12:00:00Z"});
    check("ending", json!({"/metadata": ending}), false);
}
