use rcgen::{
    ExtendedKeyUsagePurpose, IsCa, KeyUsagePurpose, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, date_time_ymd,
};

use super::*;
use crate::testing::{Mint, authority, certificate, client};

/// 2026-11-01.
const NOW: u64 = 1_793_491_200;
/// An RSA 2048 chain valid from 2020 to 2120, made outside because ring makes no RSA keys; its keys are thrown away.
const RSA_AUTHORITY: &str = include_str!("../testdata/rsa-authority.pem");
const RSA_CLIENT: &str = include_str!("../testdata/rsa-client.pem");

fn at(seconds: u64) -> UnixTime {
    UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds))
}

#[test]
fn bundles_are_read_whole_or_not_at_all() {
    let (one, two) = (Mint::new("one").pem(), Mint::new("two").pem());
    let check = |pem: &str, expected: Result<usize, AuthorityError>| {
        assert_eq!(AuthorityBundle::parse(pem).map(|bundle| bundle.authorities.len()), expected, "{pem}");
    };
    check(&one, Ok(1));
    check(&format!("{one}{two}{one}"), Ok(3));
    check(&format!("# first\n{one}\n# second\n{two}"), Ok(2));
    check("", Err(AuthorityError::Empty));
    check("no certificate", Err(AuthorityError::Empty));
    check(
        &format!("{one}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
        Err(AuthorityError::Malformed(1)),
    );
    check(&format!("{one}-----BEGIN CERTIFICATE-----\nAAAA\n"), Err(AuthorityError::Malformed(1)));
    check(
        "-----BEGIN CERTIFICATE-----\n%%%%\n-----END CERTIFICATE-----\n",
        Err(AuthorityError::Malformed(0)),
    );
}

#[test]
fn bundles_are_equal_by_their_certificates() {
    let (one, two) = (Mint::new("same").pem(), Mint::new("same").pem());
    let bundle = |pem: &str| AuthorityBundle::parse(pem).unwrap();
    assert!(bundle(&one) == bundle(&format!("comment\n{one}")));
    assert!(bundle(&one) != bundle(&two), "same subject, other key");
    assert!(bundle(&one) != bundle(&format!("{one}{two}")));
}

#[test]
fn chains_are_judged_as_by_go() {
    let ca = Mint::new("ca");
    let check = |what: &str, authorities: &str, chain: &[CertificateDer<'static>], expected: bool| {
        let bundle = AuthorityBundle::parse(authorities).unwrap();
        assert_eq!(bundle.accepts(chain, at(NOW)), expected, "{what}");
    };
    let jane = ca.issue(&client("jane"));
    check("issued by the authority", &ca.pem(), std::slice::from_ref(&jane), true);
    check("no certificate", &ca.pem(), &[], false);
    check("a foreign authority", &Mint::new("ca").pem(), std::slice::from_ref(&jane), false);
    check(
        "one of two authorities",
        &(Mint::new("other").pem() + &ca.pem()),
        std::slice::from_ref(&jane),
        true,
    );
    check("not a certificate", &ca.pem(), &[CertificateDer::from(vec![1, 2, 3])], false);

    check("no usage named", &ca.pem(), &[ca.issue(&certificate("jane"))], true);
    let mut server = certificate("jane");
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    check("a server's certificate", &ca.pem(), &[ca.issue(&server)], false);
    server.extended_key_usages.push(ExtendedKeyUsagePurpose::ClientAuth);
    check("both usages", &ca.pem(), &[ca.issue(&server)], true);

    let mut expired = client("jane");
    expired.not_after = date_time_ymd(2026, 10, 31);
    check("expired", &ca.pem(), &[ca.issue(&expired)], false);
    let mut future = client("jane");
    future.not_before = date_time_ymd(2026, 11, 2);
    check("not yet valid", &ca.pem(), &[ca.issue(&future)], false);

    let mut old = authority("old");
    old.not_after = date_time_ymd(2026, 10, 31);
    let old = Mint::of(old);
    check("an expired authority", &old.pem(), &[old.issue(&client("jane"))], false);
    let mut young = authority("young");
    young.not_before = date_time_ymd(2026, 11, 2);
    let young = Mint::of(young);
    check("an authority not yet valid", &young.pem(), &[young.issue(&client("jane"))], false);
}

#[test]
fn parents_must_be_authorities() {
    let check = |what: &str, change: fn(&mut rcgen::CertificateParams), expected: bool| {
        let mut params = authority("parent");
        change(&mut params);
        let root = Mint::of(params.clone());
        let chain = [root.issue(&client("jane"))];
        let bundle = AuthorityBundle::parse(&root.pem()).unwrap();
        assert_eq!(bundle.accepts(&chain, at(NOW)), expected, "root: {what}");

        let top = Mint::new("top");
        let middle = top.intermediate(params);
        let chain = [middle.issue(&client("jane")), middle.der()];
        let bundle = AuthorityBundle::parse(&top.pem()).unwrap();
        assert_eq!(bundle.accepts(&chain, at(NOW)), expected, "intermediate: {what}");
        assert!(!bundle.accepts(&chain[..1], at(NOW)), "intermediate not presented: {what}");
    };
    check("an authority", |_| (), true);
    check("no key usage", |params| params.key_usages.clear(), true);
    check("not an authority", |params| params.is_ca = IsCa::ExplicitNoCa, false);
    check("no basic constraints", |params| params.is_ca = IsCa::NoCa, false);
    check("may not sign", |params| params.key_usages = vec![KeyUsagePurpose::CrlSign], false);
    check(
        "for servers only",
        |params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth],
        false,
    );
    check(
        "for clients",
        |params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth],
        true,
    );
}

#[test]
fn authorities_of_every_usual_key_work() {
    let bundle = AuthorityBundle::parse(RSA_AUTHORITY).unwrap();
    let chain = [CertificateDer::from_pem_slice(RSA_CLIENT.as_bytes()).unwrap()];
    assert!(bundle.accepts(&chain, at(NOW)), "RSA 2048");
    assert!(!AuthorityBundle::parse(&Mint::new("ca").pem()).unwrap().accepts(&chain, at(NOW)));

    for algorithm in [&PKCS_ECDSA_P384_SHA384, &PKCS_ED25519] {
        let key = rcgen::KeyPair::generate_for(algorithm).unwrap();
        let root = authority("ca").self_signed(&key).unwrap();
        let issuer = rcgen::Issuer::new(authority("ca"), key);
        let leaf_key = rcgen::KeyPair::generate_for(algorithm).unwrap();
        let leaf = client("jane").signed_by(&leaf_key, &issuer).unwrap();
        let bundle = AuthorityBundle::parse(&root.pem()).unwrap();
        assert!(bundle.accepts(&[leaf.der().clone()], at(NOW)), "{algorithm:?}");
    }
}

#[test]
fn validity_has_two_edges() {
    let validity = Validity { not_before: 100, not_after: 200 };
    let check = |now: u64, valid: bool, edge: Option<u64>| {
        assert_eq!(validity.contains(at(now)), valid, "{now}");
        assert_eq!(validity.next_edge(at(now)), edge, "{now}");
    };
    check(99, false, Some(100));
    check(100, true, Some(201));
    check(200, true, Some(201));
    check(201, false, None);
}
