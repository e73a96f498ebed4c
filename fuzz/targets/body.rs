//! A body of any content, JSON or YAML: posted, and what was stored of it put in its own place.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use tributary_fuzz::{Rich, answer, run, write_options};
use tributary_registry::{Address, Change, Duplicates, ListOptions, Part, WrittenObject};

fuzz_target!(|body: &[u8]| {
    let media_type = if body.starts_with(b"{") { "json" } else { "yaml" };
    let head = format!(
        "POST /apis/fuzz.example.com/v1/namespaces/default/items\nContent-Type: application/{media_type}\n\n"
    );
    run(async {
        let rich = Rich::default();
        let code = answer(rich.0.clone(), &[head.as_bytes(), body].concat()).await;
        let items = rich.items();
        let list =
            items.list(Address { namespace: "", name: "" }, &ListOptions::default()).expect("all there is");
        assert_eq!(list.objects.len(), usize::from(code == Some(201)), "{code:?}");
        let Some(object) = list.objects.first() else { return };
        // What was stored is valid, complete and settled: put again it changes nothing.
        let stored: Value = serde_json::from_slice(object.bytes()).expect("a stored object is JSON");
        let at = Address { namespace: object.key().namespace(), name: object.key().name() };
        let options = write_options("UpdateOptions");
        let again =
            items.update(at, Part::Main, &Change::Replace(stored), &Duplicates::default(), &options).await;
        match again.expect("what is stored can be stored").object {
            WrittenObject::Stored(unchanged) => assert_eq!(unchanged.bytes(), object.bytes()),
            WrittenObject::NotStored(_) => {}
        }
    });
});
