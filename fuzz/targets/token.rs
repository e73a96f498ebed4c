//! Continue tokens: the text itself, and what it says encoded as a token is.
#![no_main]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use tributary_fuzz::{Rich, run, sample};
use tributary_registry::{Address, ListOptions};

fuzz_target!(|data: &[u8]| {
    let raw = String::from_utf8_lossy(data).into_owned();
    run(async {
        let rich = Rich::with_sample().await;
        for name in ["a", "b", "z"] {
            let mut object = sample();
            object["metadata"]["name"] = name.into();
            rich.create(object).await.expect("the sample is valid");
        }
        for token in [raw, URL_SAFE_NO_PAD.encode(data)] {
            for (namespace, limit) in [("default", 1), ("", 2), ("other", 0)] {
                follow(&rich, namespace, limit, token.clone());
            }
        }
    });
});

/// Lists from a token to the end, which comes after as many pages as there are objects at the most.
fn follow(rich: &Rich, namespace: &str, limit: usize, token: String) {
    let items = rich.items();
    let mut next = Some(token);
    for _ in 0..5 {
        let options = ListOptions { limit, next: next.take(), ..ListOptions::default() };
        let Ok(list) = items.list(Address { namespace, name: "" }, &options) else { return };
        assert!(
            list.objects.iter().all(|object| namespace.is_empty() || object.key().namespace() == namespace)
        );
        if list.next.is_empty() {
            return;
        }
        next = Some(list.next);
    }
    panic!("a list that does not end");
}
