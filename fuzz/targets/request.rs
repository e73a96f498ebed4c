//! Whole requests, one after the other, through the gateway's router: `METHOD target`, header lines, an empty line, body.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tributary_fuzz::{Rich, answer, parts, run};

/// Requests of one input.
const REQUESTS: usize = 4;

fuzz_target!(|data: &[u8]| {
    run(async {
        let rich = Rich::with_sample().await;
        for text in parts(data).take(REQUESTS) {
            let Some(code) = answer(rich.0.clone(), text).await else { return };
            assert!((200..600).contains(&code));
        }
    });
});
