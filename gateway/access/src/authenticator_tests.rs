use http::HeaderName;
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, date_time_ymd};
use rustls::pki_types::CertificateDer;
use serde_json::json;
use sha2::{Digest, Sha256};
use tributary_crds::STATE_READER;

use super::*;
use crate::testing::{
    ApiServer, FOREVER, IMPATIENT, Mint, Reply, authority, certificate, client, trust_data,
};

type Fields<'a> = &'a [(&'static str, &'a str)];

const NO_HEADERS: Fields<'static> = &[];
const JANE: Fields<'static> = &[("x-remote-user", "jane"), ("x-remote-group", "dev")];
const TOKEN: Fields<'static> = &[("authorization", "Bearer good")];
const JANE_WITH_TOKEN: Fields<'static> = &[("x-remote-user", "jane"), ("authorization", "Bearer good")];
const BAD_TOKEN: Fields<'static> = &[("authorization", "Bearer bad")];
const LOST_TOKEN: Fields<'static> = &[("authorization", "Bearer lost")];

fn headers(fields: Fields<'_>) -> HeaderMap {
    fields.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
}

fn authenticator(trust: &Trust) -> Authenticator {
    let client = ApiServer::default().client(|_, asked| match asked.body["spec"]["token"].as_str() {
        Some("good") => {
            Reply::ok(json!({"status": {"authenticated": true, "user": {"username": "token user"}}}))
        }
        Some("bad") => Reply::ok(json!({"status": {"authenticated": false}})),
        _ => Reply::Answer(403, None, json!({"message": "no RBAC"})),
    });
    Authenticator::with_tokens(TokenReviewer::with_patience(client, IMPATIENT, FOREVER), trust.clone())
}

/// The user's name, or the error's text.
async fn outcome(authenticator: &Authenticator, fields: Fields<'_>, peer: &PeerCertificates) -> String {
    match authenticator.authenticate(&headers(fields), peer).await {
        Ok(user) => user.name,
        Err(error) => error.to_string(),
    }
}

fn named(common_name: &str, change: impl Fn(&mut CertificateParams)) -> CertificateParams {
    let mut params = client(common_name);
    change(&mut params);
    params
}

#[tokio::test]
async fn one_token_and_nobody_else() {
    let user = User { name: "author".into(), ..User::default() };
    let authenticator = Authenticator::of_token("good", user);
    let prefix: Fields<'_> = &[("authorization", "Bearer goo")];
    let basic: Fields<'_> = &[("authorization", "Basic good")];
    for (fields, expected) in [
        (TOKEN, "author"),
        (JANE_WITH_TOKEN, "author"),
        (BAD_TOKEN, "Unauthorized"),
        (prefix, "Unauthorized"),
        (basic, "Unauthorized"),
        (JANE, "Unauthorized"),
        (NO_HEADERS, "Unauthorized"),
    ] {
        let peer = PeerCertificates::none();
        assert_eq!(outcome(&authenticator, fields, &peer).await, expected, "{fields:?}");
    }
}

#[tokio::test]
async fn callers_are_found_in_order() {
    let (clients, proxies) = (Mint::new("clients"), Mint::new("proxies"));
    let middle = proxies.intermediate(authority("middle"));
    let trust = Trust::new();
    assert_eq!(trust.apply(&trust_data(&clients.pem(), &proxies.pem())), []);
    let authenticator = authenticator(&trust);

    let proxy = |change: fn(&mut CertificateParams)| proxies.issue(&named("front-proxy-client", change));
    let expired = proxy(|params| params.not_after = date_time_ymd(2021, 1, 1));
    let future = proxy(|params| params.not_before = date_time_ymd(2119, 1, 1));
    let server = proxy(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth]);
    let any_usage = proxy(|params| params.extended_key_usages.clear());
    let foreign = Mint::new("proxies").issue(&client("front-proxy-client"));
    let through_middle = middle.issue(&client("front-proxy-client"));
    let chain = vec![through_middle.clone(), middle.der()];
    let own = clients.issue(&client("own name"));
    let impostor = clients.issue(&client("front-proxy-client"));
    let nameless = clients.issue(&client(""));
    let other_name = proxies.issue(&client("somebody"));

    // One row per peer: the callers for no headers, jane's headers, a good token, both, a bad token, a lost token.
    let fields = [NO_HEADERS, JANE, TOKEN, JANE_WITH_TOKEN, BAD_TOKEN, LOST_TOKEN];
    let check = async |what: &str, chain: Vec<CertificateDer<'static>>, expected: [&str; 6]| {
        let peer = PeerCertificates::new(chain);
        for (fields, expected) in fields.into_iter().zip(expected) {
            assert_eq!(outcome(&authenticator, fields, &peer).await, expected, "{what}, {fields:?}");
        }
    };
    let (anonymous, token, refused) = ("system:anonymous", "token user", "Unauthorized");
    let lost = "TokenReview: no RBAC";
    // Identity headers count for nothing; nothing was refused, so there is anonymous.
    let nobody = [anonymous, anonymous, token, token, refused, lost];
    // A refused certificate leaves only the token, never anonymous, never jane.
    let untrusted = [refused, refused, token, token, refused, lost];
    // A front proxy speaks for jane; without headers it is nobody, as its own chain leads to no client CA.
    let speaker = [refused, "jane", token, "jane", refused, lost];
    check("no certificate", vec![], nobody).await;
    check("front proxy", vec![proxy(|_| ())], speaker).await;
    check("front proxy without usage", vec![any_usage], speaker).await;
    check("front proxy behind an intermediate", chain, speaker).await;
    check("intermediate left out", vec![through_middle], untrusted).await;
    check("name not allowed", vec![other_name], untrusted).await;
    check("foreign authority", vec![foreign], untrusted).await;
    check("expired", vec![expired], untrusted).await;
    check("not yet valid", vec![future], untrusted).await;
    check("wrong usage", vec![server], untrusted).await;
    check("garbage", vec![CertificateDer::from(vec![1])], untrusted).await;
    check("client certificate", vec![own], ["own name"; 6]).await;
    check("client named like the proxy", vec![impostor], ["front-proxy-client"; 6]).await;
    check("client without a name", vec![nameless], untrusted).await;
}

#[tokio::test]
async fn features_are_off_without_their_authority() {
    let (clients, proxies) = (Mint::new("clients"), Mint::new("proxies"));
    let proxy = proxies.issue(&client("front-proxy-client"));
    let own = clients.issue(&client("own name"));
    let check =
        async |client_ca: &str, proxy_ca: &str, der: &CertificateDer<'static>, expected: [&str; 2]| {
            let trust = Trust::new();
            assert_eq!(trust.apply(&trust_data(client_ca, proxy_ca)), []);
            let (authenticator, peer) = (authenticator(&trust), PeerCertificates::new(vec![der.clone()]));
            assert_eq!(outcome(&authenticator, NO_HEADERS, &peer).await, expected[0]);
            assert_eq!(outcome(&authenticator, JANE, &peer).await, expected[1]);
        };
    let (clients, proxies) = (clients.pem(), proxies.pem());
    check(&clients, "", &proxy, ["Unauthorized", "Unauthorized"]).await;
    check(&clients, "", &own, ["own name", "own name"]).await;
    check("", &proxies, &proxy, ["system:anonymous", "jane"]).await;
    check("", &proxies, &own, ["Unauthorized", "Unauthorized"]).await;
    let starting = "the authorities of client certificates are not known yet";
    check("", "", &proxy, [starting; 2]).await;
    let nobody = authenticator(&Trust::new());
    assert_eq!(outcome(&nobody, JANE, &PeerCertificates::new(Vec::new())).await, "system:anonymous");
}

#[tokio::test]
async fn users_are_complete() {
    let (clients, proxies) = (Mint::new("clients"), Mint::new("proxies"));
    let trust = Trust::new();
    trust.apply(&trust_data(&clients.pem(), &proxies.pem()));
    let authenticator = authenticator(&trust);

    let peer = PeerCertificates::new(vec![proxies.issue(&client("front-proxy-client"))]);
    let aggregator: Fields<'_> = &[("x-remote-user", "system:aggregator")];
    let user = authenticator.authenticate(&headers(aggregator), &peer).await.unwrap();
    assert_eq!(user.groups, ["system:authenticated"]);
    let anonymous: Fields<'_> =
        &[("x-remote-user", "system:anonymous"), ("x-remote-group", "system:unauthenticated")];
    assert_eq!(authenticator.authenticate(&headers(anonymous), &peer).await.unwrap(), User::anonymous());

    let params = named("own name", |params| {
        params.distinguished_name.push(DnType::OrganizationName, "dev");
        params.distinguished_name.push(DnType::CustomDnType(vec![1, 3, 6, 1, 4, 1, 57683, 2]), "uid 7");
    });
    let der = clients.issue(&params);
    let credential = format!("X509SHA256={}", hex(&Sha256::digest(&der)));
    let user =
        authenticator.authenticate(&HeaderMap::new(), &PeerCertificates::new(vec![der])).await.unwrap();
    assert_eq!((user.name.as_str(), user.uid.as_str()), ("own name", "uid 7"));
    assert_eq!(user.groups, ["dev", "system:authenticated"]);
    assert_eq!(user.extra["authentication.kubernetes.io/credential-id"], [credential]);

    let empty_uid = named("own name", |params| {
        params.distinguished_name.push(DnType::CustomDnType(vec![1, 3, 6, 1, 4, 1, 57683, 2]), "");
    });
    let peer = PeerCertificates::new(vec![clients.issue(&empty_uid)]);
    assert_eq!(outcome(&authenticator, NO_HEADERS, &peer).await, "Unauthorized");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_change_of_trust_reaches_open_connections() {
    let (old, new, clients) = (Mint::new("old"), Mint::new("new"), Mint::new("clients"));
    let trust = Trust::new();
    let authenticator = authenticator(&trust);
    let peer = |mint: &Mint| PeerCertificates::new(vec![mint.issue(&client("front-proxy-client"))]);
    let (old_peer, new_peer) = (peer(&old), peer(&new));
    let check = async |proxy_ca: &str, expected: [&str; 2]| {
        assert_eq!(trust.apply(&trust_data(&clients.pem(), proxy_ca)), []);
        assert_eq!(outcome(&authenticator, JANE, &old_peer).await, expected[0]);
        assert_eq!(outcome(&authenticator, JANE, &new_peer).await, expected[1]);
    };
    check(&old.pem(), ["jane", "Unauthorized"]).await;
    check(&(old.pem() + &new.pem()), ["jane", "jane"]).await;
    check(&new.pem(), ["Unauthorized", "jane"]).await;

    let mut data = trust_data(&clients.pem(), &new.pem());
    data.insert("requestheader-allowed-names".into(), r#"["another"]"#.into());
    trust.apply(&data);
    assert_eq!(outcome(&authenticator, JANE, &new_peer).await, "Unauthorized");
    data.insert("requestheader-allowed-names".into(), "[]".into());
    data.insert("requestheader-username-headers".into(), r#"["X-Someone"]"#.into());
    trust.apply(&data);
    assert_eq!(outcome(&authenticator, &[("x-someone", "joe")], &new_peer).await, "joe");
}

#[test]
fn verdicts_are_kept_until_trust_or_time_change_them() {
    let mut params = certificate("front-proxy-client");
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2026, 11, 1);
    let proxies = Mint::new("proxies");
    let trust = Trust::new();
    trust.apply(&trust_data("", &proxies.pem()));
    let peer = PeerCertificates::new(vec![proxies.issue(&params)]);
    let at = |seconds: u64| {
        let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
        peer.verdict(&trust.current(), now)
    };
    let end = 1_793_491_200; // 2026-11-01
    let first = at(end - 1000);
    assert_eq!(first.front_proxy, FrontProxy::Accepted);
    assert!(Arc::ptr_eq(&first, &at(end)), "the last valid second");
    assert_eq!(at(end + 1).front_proxy, FrontProxy::Refused);
    assert_eq!(at(end - 1000).front_proxy, FrontProxy::Accepted, "a clock set back");
    assert_eq!(at(1_700_000_000).front_proxy, FrontProxy::Refused, "2023");

    let before = at(end - 1000);
    trust.apply(&trust_data(&Mint::new("clients").pem(), &proxies.pem()));
    assert!(!Arc::ptr_eq(&before, &at(end - 1000)), "new trust, new verdict");
}

#[tokio::test]
async fn the_operator_is_who_has_a_certificate_of_the_group() {
    let (clients, proxies) = (Mint::new("clients"), Mint::new("proxies"));
    let (group, next) = (Mint::new("group"), Mint::new("group"));
    let trust = Trust::new();
    assert_eq!(trust.apply(&trust_data(&clients.pem(), &proxies.pem())), []);
    let authenticator = authenticator(&trust);
    let own = group.issue(&client(STATE_READER));
    let peer = PeerCertificates::new(vec![own.clone()]);
    assert!(!authenticator.is_operator(&peer), "the group's CA is not known yet");
    assert_eq!(trust.apply_group_authority(&group.pem()), []);
    assert!(authenticator.is_operator(&peer), "it is known now, on an open connection too");

    let server = |params: &mut CertificateParams| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    };
    let expired = |params: &mut CertificateParams| params.not_after = date_time_ymd(2021, 1, 1);
    for (what, certificate) in [
        ("another name", group.issue(&client("gateway"))),
        ("no name", group.issue(&client(""))),
        ("a serving certificate", group.issue(&named(STATE_READER, server))),
        ("expired", group.issue(&named(STATE_READER, expired))),
        ("the clients' CA", clients.issue(&client(STATE_READER))),
        ("the front proxies' CA", proxies.issue(&client(STATE_READER))),
        ("a foreign CA of the same name", next.issue(&client(STATE_READER))),
    ] {
        assert!(!authenticator.is_operator(&PeerCertificates::new(vec![certificate])), "{what}");
    }
    assert!(!authenticator.is_operator(&PeerCertificates::none()));
    let elsewhere = outcome(&authenticator, JANE, &peer).await;
    assert_eq!(elsewhere, "Unauthorized", "everywhere else it is nobody's certificate, and no front proxy's");

    assert_eq!(trust.apply_group_authority("broken").len(), 1);
    assert!(authenticator.is_operator(&peer), "the last good CA stays");
    assert_eq!(trust.apply(&trust_data(&clients.pem(), "")), []);
    assert!(authenticator.is_operator(&peer), "the cluster's CAs are another matter");
    assert_eq!(trust.apply_group_authority(&next.pem()), []);
    assert!(!authenticator.is_operator(&peer), "the CA was replaced");
    assert!(authenticator.is_operator(&PeerCertificates::new(vec![next.issue(&client(STATE_READER))])));
}
