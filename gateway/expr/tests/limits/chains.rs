//! Expressions that are long or deep, compiled and evaluated on the stack that a runtime's threads have.

use std::thread;

use serde_json::json;

use super::run;

/// Bytes: the stack of a thread of tokio.
const STACK: usize = 2 << 20;

/// What becomes of a chain of `terms` terms.
fn outcome(build: fn(usize) -> String, terms: usize) -> String {
    let source = build(terms);
    thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || match run(&source, &json!({"a": {"a": 1}, "l": [[1]]})) {
            Ok(Ok(_)) => "value".to_owned(),
            Ok(Err(error)) => error.kind.to_string(),
            Err(refused) => refused,
        })
        .expect("a thread")
        .join()
        .expect("no panic")
}

#[test]
fn chains_of_any_length_are_refused_or_answered() {
    let too_long = "longer than 8192 bytes";
    let too_deep = "nested too deeply";
    let chains: [(&str, fn(usize) -> String); 19] = [
        ("sum", |terms| vec!["1"; terms].join("+")),
        ("or", |terms| vec!["a"; terms].join("||").replace('a', "false")),
        ("fields", |terms| format!("object{}", ".a".repeat(terms))),
        ("optional fields", |terms| format!("object{}", ".?a".repeat(terms))),
        ("indexes", |terms| format!("object.l{}", "[0]".repeat(terms))),
        ("calls", |terms| format!("'a'{}", ".trim()".repeat(terms))),
        ("conditions", |terms| format!("{}1", "true?1:".repeat(terms))),
        ("comparisons", |terms| format!("{}1", "1==".repeat(terms))),
        ("negations", |terms| format!("{}true", "!".repeat(terms))),
        ("minuses", |terms| format!("{}1", "-".repeat(terms))),
        ("parentheses", |terms| format!("{}1{}", "(".repeat(terms), ")".repeat(terms))),
        ("lists", |terms| format!("{}1{}", "[".repeat(terms), "]".repeat(terms))),
        ("maps", |terms| format!("{}1{}", "{1:".repeat(terms), "}".repeat(terms))),
        ("arguments", |terms| format!("{}1{}", "dyn(".repeat(terms), ")".repeat(terms))),
        ("macros", |terms| format!("{}1{}", "[1].map(a,".repeat(terms), ")".repeat(terms))),
        ("deep values", |terms| {
            let deep = format!("{}a{}", "[".repeat(40), "]".repeat(40));
            format!("[1]{}", format!(".map(a,{deep})").repeat(terms / 16))
        }),
        ("deep but allowed", |terms| {
            let deep = format!("{}a{}", "[".repeat(40), "]".repeat(40));
            format!("[1]{} == [2]", format!(".map(a,{deep})").repeat(7 * terms / terms))
        }),
        ("deep keys", |terms| format!("[1]{}", ".map(a,{'k':a})".repeat(terms / 2))),
        ("flat list", |terms| format!("[{}]", vec!["1"; terms].join(","))),
    ];
    for (name, build) in chains {
        for terms in [150, 1_000, 1_600, 4_000, 10_000] {
            let outcome = outcome(build, terms);
            let refused = outcome.contains(too_long)
                || outcome.contains(too_deep)
                || outcome.contains("no matching overload");
            let answered = ["value", "no such key", "no such overload", "index out of range"]
                .contains(&outcome.as_str());
            assert!(refused || answered, "{terms} {name}: {outcome}");
        }
    }
}
