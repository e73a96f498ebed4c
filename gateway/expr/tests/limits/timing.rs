//! The worst expressions that were thought of: none runs past 50 ms, nor makes more than it may.
//!
//! What is shipped is measured by `cargo test --release -p tributary-expr --test limits`. This crate is compiled with optimization for
//! other tests too, but with debug assertions: there an expression may take twice as long.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tributary_expr::{Bindings, Expression, Fuel, Input};

use super::environment;

/// How long one evaluation may take, `limits::CALL_FUEL` being its fuel.
const MOST: Duration = Duration::from_millis(if cfg!(debug_assertions) { 100 } else { 50 });

/// An object as large as etcd takes them, and then some.
fn large() -> Value {
    let words: Vec<Value> = (0..20_000).map(|number| json!(format!("word-{number:05}"))).collect();
    json!({
        "text": "abcdefghij".repeat(100_000),
        "same": "a".repeat(1_000_000),
        "random": random_letters(1_000_000),
        "wide": "é".repeat(500_000),
        "digits": "1234567890".repeat(100_000),
        "dots": "1.".repeat(500_000),
        "percents": "%s".repeat(500_000),
        "words": words,
        "numbers": (0..100_000).collect::<Vec<_>>(),
        "falling": (0..100_000).rev().collect::<Vec<_>>(),
        "nested": vec![vec![1; 1000]; 100],
        "keys": (0..20_000).map(|number| (format!("key-{number:05}"), json!(number))).collect::<serde_json::Map<_, _>>(),
        "quantity": format!("{}.{}", "9".repeat(10), "9".repeat(500_000)),
        "duration": "1ns".repeat(300_000),
        "pattern": "(a|aa)+$",
        "url": format!("https://h/{}?{}", "%41".repeat(100_000), "a=b&".repeat(100_000)),
        "long": vec!["x".repeat(1000); 1000],
    })
}

/// Letters a and b as a linear congruence has them.
fn random_letters(count: usize) -> String {
    let mut state = 1_u32;
    let letters = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        if state >> 31 == 0 { 'a' } else { 'b' }
    });
    letters.take(count).collect()
}

/// Time that this thread spent on a processor, where the system tells: other work on the machine does not count.
enum Spent {
    Processor(u64),
    Clock(Instant),
}

impl Spent {
    fn now() -> Self {
        match Self::processor() {
            Some(nanos) => Self::Processor(nanos),
            None => Self::Clock(Instant::now()),
        }
    }

    fn processor() -> Option<u64> {
        std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()
    }

    fn elapsed(&self) -> Duration {
        match self {
            Self::Processor(before) => {
                Duration::from_nanos(Self::processor().unwrap_or_default().saturating_sub(*before))
            }
            Self::Clock(start) => start.elapsed(),
        }
    }
}

const WORST: [&str; 62] = [
    "lists.range(1000).map(a, lists.range(1000).map(b, a * b))",
    "lists.range(300).all(a, lists.range(300).all(b, lists.range(300).all(c, a + b + c >= 0)))",
    "lists.range(1000000)",
    "lists.range(9223372036854775807)",
    "object.numbers.map(x, x).map(x, x).map(x, x).map(x, x).map(x, x)",
    "object.numbers.map(x, [x])",
    "object.numbers.map(x, {x: x})",
    "object.numbers.map(x, {'a': x, 'b': x, 'c': x})",
    "object.numbers.transformMap(i, v, v)",
    "object.numbers.transformMapEntry(i, v, {string(v): i})",
    "object.keys.transformMapEntry(k, v, {k + k: v})",
    "object.keys.map(k, k + k)",
    "object.numbers.filter(x, x % 2 == 0)",
    "object.falling.sort()",
    "object.falling.sortBy(x, x)",
    "object.words.sort().reverse().sort()",
    "object.words.sortBy(w, w.substring(5))",
    "object.numbers.distinct()",
    "object.words.distinct()",
    "object.long.distinct()",
    "sets.equivalent(object.numbers, object.falling)",
    "sets.intersects(object.words, object.numbers)",
    "object.words.all(w, w in object.words)",
    "object.words.exists(w, w in object.keys)",
    "object.numbers.indexOf(99999) + object.numbers.lastIndexOf(0)",
    "object.nested.flatten().map(x, object.nested.flatten())",
    "['a'].map(x, x + x).map(x, x + x)",
    "[object.text].map(x, x + x).map(x, x + x).map(x, x + x).map(x, x + x).map(x, x + x).map(x, x + x).map(x, x + x)",
    "[[object.text]].map(x, x + x).map(x, x + x).map(x, x + x).map(x, x + x).map(x, x + x).map(x, x + x).map(x, x + x)",
    "[1].map(x, [x, x, x, x]).map(x, [x, x, x, x]).map(x, [x, x, x, x]).map(x, [x, x, x, x]).map(x, [x, x, x, x]).map(x, [x, x, x, x]).map(x, [x, x, x, x]).map(x, [x, x, x, x]).map(x, [x, x, x, x]).map(x, [x, x, x, x]).map(x, [x, x, x, x])",
    "[[1].map(x, [x, x, x, x]).map(x, [x, x, x, x]).map(x, [x, x, x, x]).map(x, [x, x, x, x]).map(x, [x, x, x, x]).map(x, [x, x, x, x]).map(x, [x, x, x, x]).map(x, [x, x, x, x]).map(x, [x, x, x, x]).map(x, [x, x, x, x]).map(x, [x, x, x, x])].map(y, y == y)",
    "object.same.replace('a', 'bb').replace('b', 'cc')",
    "object.same.replace('', 'xyz')",
    "object.same.replace('a', object.same)",
    "object.same.split('')",
    "object.dots.split('.')",
    "object.dots.split('.').join('..')",
    "object.same.split('').map(c, c + c).join('')",
    "object.words.map(w, w.split('')).flatten().join(',')",
    "object.numbers.all(x, object.same.contains('b'))",
    "object.numbers.all(x, object.wide.size() > 0)",
    "object.numbers.all(x, object.wide.substring(x, x + 1) != '')",
    "object.numbers.all(x, object.same.lastIndexOf('ab', 99999) < 0)",
    "object.numbers.all(x, object.same.indexOf('aaaaaaaaaaaaaaaaaaab') < 0)",
    "object.numbers.map(x, object.text.substring(0, 1000)).join('')",
    "object.numbers.map(x, strings.quote(object.long[0]))",
    "object.percents.format(object.numbers)",
    "object.numbers.map(x, '%s'.format([object.nested]))",
    "object.numbers.map(x, '%.1000f'.format([0.1]))",
    "object.numbers.map(x, '%x'.format([object.long[0]]))",
    "'%s'.format([object.keys])",
    "object.numbers.map(x, string(double(x) / 3.0))",
    "object.numbers.map(x, timestamp(x).getHours('America/New_York'))",
    "object.numbers.map(x, timestamp(string(timestamp(x))))",
    "object.numbers.map(x, quantity(string(x) + 'Mi').add(quantity('1')))",
    "isQuantity(object.quantity) || isQuantity(object.digits) || isSemver(object.dots)",
    "duration(object.duration) > duration('1s')",
    "object.numbers.map(x, semver('1.2.3-a.b.c.d.e.f.g.h.i.j'))",
    "object.numbers.map(x, url(object.url).getQuery())",
    "object.numbers.map(x, url('https://h/a%20b?a=b').getEscapedPath())",
    "object.numbers.map(x, cidr('2001:db8::/32').containsIP('2001:db8::' + string(x)))",
    "object.numbers.map(x, format.qualifiedName().validate('A/B/C'))",
];

const PATTERNS: [&str; 27] = [
    "object.random.matches('[ab]*a[ab]{16}c')",
    "object.random.matches('[ab]*a[ab]{7}c')",
    "object.random.matches('(a[ab]{8}|b[ab]{9})*c')",
    "object.random.findAll('a[ab]{8}b').size() > 0",
    "object.random.matches('^([ab]?){20}c')",
    "object.numbers.all(x, object.random.substring(0, 1000).matches(object.pattern))",
    "object.random.substring(0, 20000).matches('[ab]*a[ab]{12}c')",
    "object.same.matches('(a|aa)+$')",
    "object.same.matches('(a*)*b')",
    "object.same.matches('a{50}b')",
    "object.same.matches('(a{20}){10}b')",
    "object.same.matches('(a?){30}a{30}b')",
    "object.same.matches('.*a.{12}b')",
    "object.text.matches('(?i)[a-j]*z')",
    "object.text.matches('[a-j]*[a-j]*[a-j]*[a-j]*z')",
    "object.text.matches('(abc|abd|abe|abf).{15}z')",
    "object.wide.matches('\\\\pL{1,3}z')",
    "object.wide.matches('(\\\\pL|\\\\pN|\\\\pM)*z')",
    "object.same.findAll('a')",
    "object.same.findAll('')",
    "object.same.findAll('a*?')",
    "object.same.findAll('a+b|a')",
    "object.text.findAll('.{10}')",
    "object.same.find('a*b')",
    "object.same.matches(object.pattern)",
    "object.numbers.map(x, 'a'.matches('a' + string(x)))",
    "object.numbers.map(x, 'a'.matches('\\\\pL{3}' + string(x)))",
];

#[test]
fn the_worst_expressions_end_in_time() {
    let object = large();
    let environment = environment();
    let mut bindings = Bindings::new(&environment);
    bindings.set(&environment, "object", Input::Json(&object));
    let mut slow = Vec::new();
    for source in WORST.iter().chain(&PATTERNS) {
        let expression =
            Expression::compile(source, &environment).unwrap_or_else(|error| panic!("{source}: {error}"));
        let mut best = Duration::MAX;
        let mut outcome = String::new();
        // The machine may be busy: the fastest of a few counts.
        for _ in 0..3 {
            let start = Spent::now();
            let answer = expression.evaluate(&bindings, &mut Fuel::default());
            // Making the answer is part of the evaluation, freeing it too.
            outcome = answer.map_or_else(|error| error.kind.to_string(), |_| "value".to_owned());
            best = best.min(start.elapsed());
        }
        // Seen with --nocapture.
        println!("{:>9.3} ms  {outcome:<22} {source}", best.as_secs_f64() * 1e3);
        if best > MOST {
            slow.push(format!("{best:?} {source}"));
        }
    }
    assert!(slow.is_empty(), "too slow:\n{}", slow.join("\n"));
}

/// A pattern that is written out is compiled with its expression; those that are made of an object are paid for each.
#[test]
fn literal_patterns_are_compiled_once() {
    let object = json!({"pattern": r"^\pL{3}$"});
    let environment = environment();
    let mut bindings = Bindings::new(&environment);
    bindings.set(&environment, "object", Input::Json(&object));
    let evaluate = |pattern: &str| {
        let source = format!("lists.range(30000).all(x, !'abc'.matches({pattern}))");
        let expression = Expression::compile(&source, &environment).unwrap();
        expression.evaluate(&bindings, &mut Fuel::default()).map(drop).map_err(|error| error.kind.to_string())
    };
    assert_eq!(evaluate(r"'^\\pL{3}$'"), Ok(()));
    assert_eq!(evaluate("object.pattern + string(x)"), Err("cost limit exceeded".to_owned()));
}
