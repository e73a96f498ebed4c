//! Expressions that were changed at random: whatever becomes of them, nothing panics, and all are fast.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::run;

const SEEDS: [&str; 12] = [
    "object.spec.containers.map(c, {'name': c.name, 'ports': c.?ports.orValue([])})",
    "'%s %d %.3f'.format([object.a, 1, 2.5])",
    "object.l.filter(x, x > 1).map(x, string(x) + 'é').join(',')",
    "timestamp('2026-01-02T03:04:05.6Z').getHours('+05:30') + duration('1h30m').getMinutes()",
    "quantity('1.5Gi').add(quantity('100m')).compareTo(quantity('1e3')) > 0",
    "object.t.matches('^[a-z]+(é|ö)*$') || object.t.findAll('[aeiou]', 3).size() == 2",
    "{'a': 1, ?'b': object.?b}.transformMap(k, v, v + 1).all(k, v, v > 0)",
    "cidr('10.0.0.0/8').containsIP('10.1.2.3') && url('https://a:80/b?c=d').getPort() == '80'",
    "semver('v1.2', true).isLessThan(semver('1.10.0-rc.1+b'))",
    "object.t.substring(1, 3).replace('é', 'e').split('').reverse().sortBy(x, -size(x))",
    "[[1, 2], [3]].flatten().slice(0, 2).sum() == 3 ? b'\\xff' : bytes(\"a\\u00e9\")",
    "format.qualifiedName().validate(object.t).optMap(f, f[0]).orValue('')",
];

fn object() -> Value {
    json!({"a": 1, "t": "héllo wörld", "l": [1, 2, 3], "spec": {"containers": [{"name": "x", "ports": [1]}, {"name": "y"}]}})
}

/// One change: characters cut out, put in, copied or exchanged.
fn mutated(source: &str, at: usize, kind: u8, what: &str) -> String {
    let mut characters: Vec<char> = source.chars().collect();
    let at = at % characters.len().max(1);
    let end = (at + 1 + usize::from(kind) % 7).min(characters.len());
    match kind % 4 {
        0 => drop(characters.drain(at..end)),
        1 => drop(characters.splice(at..at, what.chars())),
        2 => {
            let copy: Vec<char> = characters[at..end].to_vec();
            characters.splice(at..at, copy);
        }
        _ => drop(characters.splice(at..end, what.chars())),
    }
    characters.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutations_never_panic(
        seed in 0..SEEDS.len(),
        changes in prop::collection::vec((0_usize..200, any::<u8>(), "[-a-z0-9.,?:'\"\\[\\]{}()%+*/!&|<>=é ]{0,4}"), 1..4),
    ) {
        let mut source = SEEDS[seed].to_owned();
        for (at, kind, what) in &changes {
            source = mutated(&source, *at, *kind, what);
        }
        let start = Instant::now();
        let _ = run(&source, &object());
        // Without optimization, on a busy machine; tests/limits/timing.rs has the real limit.
        prop_assert!(start.elapsed() < Duration::from_secs(5), "{source}");
    }
}

#[test]
fn the_seeds_are_sound() {
    for source in SEEDS {
        let answer = run(source, &object());
        assert!(matches!(answer, Ok(Ok(_) | Err(_))), "{source}: {answer:?}");
    }
}
