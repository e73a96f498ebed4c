use std::collections::BTreeMap;

use k8s_openapi::ByteString;

use super::*;

/// A self-signed certificate and its key, PEM.
fn made() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(vec!["g.example".to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

fn secret(chain: &str, key: &str) -> Observation<Secret> {
    let entry = |name: &str, text: &str| (name.to_owned(), ByteString(text.as_bytes().to_vec()));
    let data = BTreeMap::from([entry("tls.crt", chain), entry("tls.key", key)]);
    Observation::Present(Arc::new(Secret { data: Some(data), ..Secret::default() }))
}

#[test]
fn follows_files_and_secret() {
    tributary_process::install_crypto_provider();
    let folder = std::env::temp_dir().join(format!("tributary-certificate-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let (chain_file, key_file) = (folder.join("tls.crt"), folder.join("tls.key"));
    let write = |(chain, key): &(String, String)| {
        fs::write(&chain_file, chain).unwrap();
        fs::write(&key_file, key).unwrap();
    };
    let (first, second, third) = (made(), made(), made());
    write(&first);
    let serving = ServingCertificate::load(chain_file.clone(), key_file.clone()).unwrap();
    let served = || serving.current.load().cert[0].to_vec();
    let der =
        |(chain, _): &(String, String)| CertificateDer::from_pem_slice(chain.as_bytes()).unwrap().to_vec();

    assert!(!serving.take_files().unwrap(), "nothing changed");
    assert!(serving.take_secret(Some(&secret(&second.0, &second.1))).unwrap());
    assert_eq!(served(), der(&second));
    assert!(!serving.take_files().unwrap(), "the files are behind the Secret, and must not win");
    assert_eq!(served(), der(&second));
    write(&second);
    assert!(!serving.take_files().unwrap(), "they have caught up");
    assert!(
        serving.take_secret(Some(&secret(&third.0, &first.1))).is_err(),
        "the key of another certificate"
    );
    assert!(!serving.take_secret(Some(&Observation::Absent)).unwrap());
    fs::write(&chain_file, "-----BEGIN CERTIFICATE-----\nAA\n").unwrap();
    assert!(serving.take_files().is_err());
    assert_eq!(served(), der(&second));
    write(&third);
    assert!(serving.take_files().unwrap());
    assert_eq!(served(), der(&third));
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_authority_comes_with_the_certificate() {
    tributary_process::install_crypto_provider();
    let folder = std::env::temp_dir().join(format!("tributary-authority-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let file = |name: &str| folder.join(name);
    let leaf = made();
    fs::write(file("tls.crt"), &leaf.0).unwrap();
    fs::write(file("tls.key"), &leaf.1).unwrap();
    let trust = Trust::new();
    let serving = ServingCertificate::load(file("tls.crt"), file("tls.key")).unwrap();
    let serving = serving.with_authority(Some(file("ca.crt")), trust.clone());
    let known = || trust.current().group_authorities().is_some();
    serving.take_files().unwrap();
    assert!(!known(), "the file is not there yet");
    fs::write(file("ca.crt"), made().0).unwrap();
    assert!(!serving.take_files().unwrap(), "the certificate is the same");
    assert!(known());
    let first = trust.current();
    fs::remove_file(file("ca.crt")).unwrap();
    serving.take_files().unwrap();
    assert!(known(), "a file that is gone says nothing");

    let next = made().0;
    let Observation::Present(secret) = secret(&leaf.0, &leaf.1) else { panic!("a Secret") };
    let mut secret = Arc::unwrap_or_clone(secret);
    secret.data.get_or_insert_default().insert("ca.crt".to_owned(), ByteString(next.into_bytes()));
    serving.take_secret(Some(&Observation::Present(Arc::new(secret)))).unwrap();
    assert!(trust.current().group_authorities() != first.group_authorities(), "the Secret has another");
    assert_eq!(serving.fingerprint().unwrap().len(), 64);
    fs::remove_dir_all(folder).unwrap();
}
