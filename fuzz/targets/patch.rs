//! Any JSON as a patch: a list is a JSON patch, an object a merge patch.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use tributary_fuzz::{Rich, run, write_options};
use tributary_registry::{Address, Change, Duplicates, FieldValidation, Part, Patch, WrittenObject};

fuzz_target!(|data: &[u8]| {
    let Ok(body): Result<Value, _> = serde_json::from_slice(data) else { return };
    let validation = FieldValidation::Warn;
    let patch =
        if body.is_array() { Patch::json(Ok(body), validation) } else { Patch::merge(Ok(body), validation) };
    run(async {
        let rich = Rich::with_sample().await;
        let options = write_options("PatchOptions");
        let at = Address { namespace: "default", name: "sample" };
        for part in [Part::Main, Part::Status] {
            let change = Change::Patch(patch.clone());
            let written = rich.items().update(at, part, &change, &Duplicates::default(), &options).await;
            let Ok(WrittenObject::Stored(object)) = written.map(|written| written.object) else { continue };
            serde_json::from_slice::<Value>(object.bytes()).expect("a stored object is JSON");
        }
        let change = Change::Patch(patch);
        let _ = rich.items().update_scale(at, &change, &Duplicates::default(), &options).await;
    });
});
