use k8s_openapi::api::core::v1::ConfigMap;
use serde_json::json;

use super::*;
use crate::testing::{ApiServer, Mint, Reply, trust_data};

#[test]
fn every_part_of_an_update_stands_alone() {
    let (one, two) = (Mint::new("one"), Mint::new("two"));
    let check = |what: &str, change: fn(&mut BTreeMap<String, String>), rejected: u64, seen: [usize; 2]| {
        let trust = Trust::new();
        assert_eq!(trust.apply(&trust_data(&one.pem(), &two.pem())), []);
        let mut data = trust_data(&(one.pem() + &two.pem()), &(two.pem() + &one.pem()));
        change(&mut data);
        assert_eq!(trust.apply(&data).len() as u64, rejected, "{what}");
        assert_eq!(trust.rejected_updates(), rejected, "{what}");
        let count = |bundle: Option<&AuthorityBundle>| bundle.map_or(0, |bundle| bundle.subjects().count());
        let now = trust.current();
        assert_eq!([count(now.client_authorities()), count(now.front_proxy_authorities())], seen, "{what}");
    };
    check("good", |_| (), 0, [2, 2]);
    check("broken client CA", |data| broken(data, CLIENT_CA_KEY), 1, [1, 2]);
    check("broken front proxy CA", |data| broken(data, FRONT_PROXY_CA_KEY), 1, [2, 1]);
    check("broken headers", |data| broken(data, "requestheader-username-headers"), 1, [2, 2]);
    check("no client CA", |data| drop(data.remove(CLIENT_CA_KEY)), 0, [0, 2]);
    check("no front proxy CA", |data| drop(data.remove(FRONT_PROXY_CA_KEY)), 0, [2, 0]);
    check("nothing", BTreeMap::clear, 0, [0, 0]);
}

fn broken(data: &mut BTreeMap<String, String>, key: &str) {
    data.insert(key.into(), "broken".into());
}

#[test]
fn broken_headers_at_the_start_turn_front_proxies_off() {
    let trust = Trust::new();
    let mut data = trust_data("", &Mint::new("one").pem());
    broken(&mut data, "requestheader-allowed-names");
    assert_eq!(trust.apply(&data).len(), 1);
    assert!(trust.current().front_proxy_authorities().is_none());
}

#[test]
fn an_equal_update_publishes_nothing() {
    let one = Mint::new("one");
    let trust = Trust::new();
    trust.apply(&trust_data(&one.pem(), ""));
    let before = trust.current();
    trust.apply(&trust_data(&format!("# again\n{}", one.pem()), ""));
    assert!(Arc::ptr_eq(&before, &trust.current()));
    trust.apply(&trust_data("", &one.pem()));
    assert!(!Arc::ptr_eq(&before, &trust.current()));
}

#[test]
fn a_deleted_config_map_leaves_the_last_trust() {
    let trust = Trust::new();
    assert!(!trust.synced());
    trust.observe(Observation::Absent);
    assert!(trust.synced());
    assert!(trust.current().client_authorities().is_none());
    let data = Some(trust_data(&Mint::new("one").pem(), ""));
    trust.observe(Observation::Present(Arc::new(ConfigMap { data, ..ConfigMap::default() })));
    assert!(trust.current().client_authorities().is_some());
    trust.observe(Observation::Absent);
    assert!(trust.current().client_authorities().is_some());
}

#[tokio::test]
async fn the_config_map_is_watched_by_name() {
    let data = trust_data(&Mint::new("one").pem(), "");
    let server = ApiServer::default();
    let client = server.client(move |_, asked| {
        if asked.uri.contains("watch=true") {
            return Reply::Lost;
        }
        let item = json!({"metadata": {"name": CONFIG_MAP, "namespace": NAMESPACE}, "data": data});
        let metadata = json!({"resourceVersion": "1"});
        let list =
            json!({"apiVersion": "v1", "kind": "ConfigMapList", "metadata": metadata, "items": [item]});
        Reply::Answer(200, None, list)
    });
    let (trust, cancel) = (Trust::new(), CancellationToken::new());
    let run = tokio::spawn({
        let (trust, cancel) = (trust.clone(), cancel.clone());
        async move { trust.run(client, cancel).await }
    });
    tokio::time::timeout(std::time::Duration::from_secs(10), trust.wait_synced()).await.unwrap();
    assert!(trust.current().client_authorities().is_some());
    cancel.cancel();
    run.await.unwrap();
    for asked in server.asked() {
        assert!(asked.uri.starts_with("/api/v1/namespaces/kube-system/configmaps?"), "{}", asked.uri);
        assert!(asked.uri.contains("fieldSelector=metadata.name%3Dextension-apiserver-authentication"));
    }
}
