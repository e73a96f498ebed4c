//! Any AggregatedAPI, as JSON or YAML: refused with errors, or compiled and served.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use tributary_crds::AggregatedApi;
use tributary_definition::compile;
use tributary_fuzz::{Rich, run};
use tributary_registry::{Address, ListOptions};

fuzz_target!(|text: &str| {
    let api = serde_json::from_str(text).ok().or_else(|| serde_saphyr::from_str(text).ok());
    let Some(api): Option<AggregatedApi> = api else { return };
    match compile(&api) {
        Err(errors) => {
            assert!(!errors.is_empty(), "refused without a reason");
            errors.iter().for_each(|error| assert!(!error.to_string().is_empty()));
        }
        Ok(compiled) => {
            let again = compile(&api).expect("it compiled");
            assert_eq!(again.hash, compiled.hash);
            // Takes the place of another definition, as an edit does.
            let rich = run(Rich::with_sample());
            rich.0.publish(Arc::new(compiled));
            for resource in rich.0.published().iter().flat_map(|published| published.resources()) {
                let list = resource.list(Address { namespace: "", name: "" }, &ListOptions::default());
                list.expect("an empty list is a list");
            }
        }
    }
});
