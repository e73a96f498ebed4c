use std::sync::Mutex;

use rcgen::{KeyPair, SanType};
use rustls::client::ResolvesClientCert;
use rustls::crypto::ring::{default_provider, sign::any_supported_type};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection};

use super::*;
use crate::testing::{Mint, certificate, client, trust_data};

/// Rounds of messages after which a handshake is complete, or has failed.
const ROUNDS: usize = 5;

/// A client's certificate, and the authorities that the server named when it asked for it.
#[derive(Debug, Default)]
struct Wallet {
    certified: Option<Arc<CertifiedKey>>,
    named: Mutex<Vec<Vec<u8>>>,
}

impl ResolvesClientCert for Wallet {
    fn resolve(&self, named: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        *self.named.lock().unwrap() = named.iter().map(|name| name.to_vec()).collect();
        self.certified.clone()
    }

    fn has_certs(&self) -> bool {
        self.certified.is_some()
    }
}

fn private_key(key: &KeyPair) -> PrivateKeyDer<'static> {
    PrivatePkcs8KeyDer::from(key.serialize_der()).into()
}

fn certified(der: CertificateDer<'static>, key: &KeyPair) -> Option<Arc<CertifiedKey>> {
    let key = any_supported_type(&private_key(key)).unwrap();
    Some(Arc::new(CertifiedKey::new(vec![der], key)))
}

/// Shakes hands; returns the certificates that the server saw.
fn shake_hands(
    verifier: Arc<dyn ClientCertVerifier>,
    wallet: Arc<Wallet>,
    version: &'static rustls::SupportedProtocolVersion,
) -> Result<Vec<CertificateDer<'static>>, Error> {
    let (servers, key) = (Mint::new("servers"), KeyPair::generate().unwrap());
    let mut params = certificate("gateway");
    params.subject_alt_names = vec![SanType::DnsName("gateway".try_into().unwrap())];
    let der = servers.issue_for(&params, &key);
    let mut roots = RootCertStore::empty();
    roots.add(servers.der()).unwrap();

    let server = ServerConfig::builder_with_provider(default_provider().into());
    let server = server.with_protocol_versions(&[version]).unwrap().with_client_cert_verifier(verifier);
    let server = server.with_single_cert(vec![der], private_key(&key)).unwrap();
    let client = ClientConfig::builder_with_provider(default_provider().into());
    let client = client.with_protocol_versions(&[version]).unwrap().with_root_certificates(roots);
    let client = client.with_client_cert_resolver(wallet);

    let mut server = ServerConnection::new(server.into()).unwrap();
    let name = ServerName::try_from("gateway").unwrap();
    let mut client = ClientConnection::new(client.into(), name).unwrap();
    for _ in 0..ROUNDS {
        let mut sent = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut sent).unwrap();
        }
        server.read_tls(&mut sent.as_slice()).unwrap();
        server.process_new_packets()?;
        let mut sent = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut sent).unwrap();
        }
        client.read_tls(&mut sent.as_slice()).unwrap();
        client.process_new_packets()?;
    }
    assert!(!server.is_handshaking() && !client.is_handshaking());
    Ok(server.peer_certificates().unwrap_or_default().to_vec())
}

#[test]
fn the_handshake_proves_the_key_and_nothing_else() {
    let (clients, foreign) = (Mint::new("clients"), Mint::new("foreign"));
    let trust = Trust::new();
    trust.apply(&trust_data(&clients.pem(), ""));
    let (key, other_key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let known = clients.issue_for(&client("jane"), &key);
    let unknown = foreign.issue_for(&client("jane"), &key);
    let check = |what: &str, certified: Option<Arc<CertifiedKey>>, expected: Option<usize>| {
        for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
            let wallet = Arc::new(Wallet { certified: certified.clone(), named: Mutex::default() });
            let verifier = client_certificate_verifier(trust.clone());
            let seen = shake_hands(verifier, Arc::clone(&wallet), version);
            assert_eq!(seen.ok().map(|chain| chain.len()), expected, "{what}, {version:?}");
            if certified.is_some() {
                assert_eq!(*wallet.named.lock().unwrap(), [clients.subject()], "{what}, {version:?}");
            }
        }
    };
    check("no certificate", None, Some(0));
    check("a trusted certificate", certified(known.clone(), &key), Some(1));
    check("an untrusted certificate", certified(unknown, &key), Some(1));
    check("somebody else's certificate", certified(known, &other_key), None);
}

#[test]
fn a_certificate_is_asked_for_and_not_required() {
    let verifier = client_certificate_verifier(Trust::new());
    assert!(verifier.offer_client_auth());
    assert!(!verifier.client_auth_mandatory());
    assert!(!verifier.supported_verify_schemes().is_empty());
}

#[test]
fn hints_are_the_live_union_of_both_bundles() {
    let (clients, proxies, later) = (Mint::new("clients"), Mint::new("proxies"), Mint::new("later"));
    let trust = Trust::new();
    let verifier = client_certificate_verifier(trust.clone());
    let check = |client_ca: &str, proxy_ca: &str, expected: &[&Mint]| {
        assert_eq!(trust.apply(&trust_data(client_ca, proxy_ca)), []);
        let hints: Vec<_> = verifier.root_hint_subjects().iter().map(|h| h.as_ref().to_vec()).collect();
        let expected: Vec<_> = expected.iter().map(|mint| mint.subject()).collect();
        assert_eq!(hints, expected);
    };
    check("", "", &[]);
    check(&clients.pem(), &proxies.pem(), &[&clients, &proxies]);
    check(&(clients.pem() + &later.pem()), &proxies.pem(), &[&clients, &later, &proxies]);
    check(&clients.pem(), &clients.pem(), &[&clients]);
    check(&clients.pem(), &proxies.pem(), &[&clients, &proxies]);
}

#[test]
fn remembered_hints_are_bounded() {
    let hints = Hints::new(Vec::new());
    let list = |n: usize| vec![DistinguishedName::in_sequence(format!("name {n}").as_bytes())];
    for n in 1..MAX_HINTS {
        assert_eq!(hints.lend(&list(n)).len(), 1);
    }
    assert!(hints.lend(&list(MAX_HINTS)).is_empty());
    assert_eq!(hints.lend(&list(1)).len(), 1);
}
