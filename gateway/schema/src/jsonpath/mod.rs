//! kubectl's JSONPath, one expression: `.a.b`, `['k']`, `\.`, `[0]`, `[-1]`, `[0:2]`, `*`, `..`, `[?(@.a=="b")]`.
//!
//! Follows client-go `util/jsonpath` with missing keys allowed, as printer columns are evaluated. Refused are text
//! outside of the braces, more than one expression, `range` and unions.

mod eval;
mod parse;

pub use eval::EvalError;
pub use parse::ParseError;

use serde_json::Value;
use tributary_expr::gotext;

/// A compiled path.
#[derive(Debug, Clone)]
pub struct JsonPath {
    steps: Vec<Step>,
}

#[derive(Debug, Clone)]
enum Step {
    Field(String),
    /// `[from:to:by]`; an index is a slice of one.
    Slice(Slice),
    Wildcard,
    /// `..`: the value and all that it contains, where they contain something.
    Recursive,
    Filter(Filter),
}

#[derive(Debug, Clone, Copy)]
struct Slice {
    from: Option<i64>,
    to: End,
    by: Option<i64>,
}

#[derive(Debug, Clone, Copy)]
enum End {
    Open,
    At(i64),
    /// Of an index: the one after it.
    Derived(i64),
}

#[derive(Debug, Clone)]
enum Filter {
    Exists(Vec<Step>),
    Compare { left: Operand, operator: Operator, right: Operand },
}

#[derive(Debug, Clone)]
enum Operand {
    Path(Vec<Step>),
    Literal(Value),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    GreaterOrEqual,
    Greater,
}

impl JsonPath {
    /// Compiles `text`, with or without braces around it.
    ///
    /// # Errors
    /// What is wrong, and at which byte.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        parse::path(text).map(|steps| Self { steps })
    }

    /// The values found in `object`, in order (those of a map by key). A field that is absent finds nothing.
    ///
    /// # Errors
    /// An index out of bounds, an index or filter on something else than a list, values that cannot be compared, or
    /// more values than the limit.
    pub fn find<'a>(&'a self, object: &'a Value) -> Result<Vec<&'a Value>, EvalError> {
        eval::steps(&self.steps, vec![object])
    }
}

/// The value as client-go prints it: strings and numbers bare, lists and maps as JSON.
pub fn text(value: &Value) -> String {
    match value {
        // What `PrintableValue` makes of a nil.
        Value::Null => "<no value>".to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(number) => gotext::number(number),
        other => gotext::json(other),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object() -> Value {
        json!({
            "kind": "List",
            "labels": {"kubernetes.io/hostname": "one", "a.b": {"c": 1}},
            "numbers": [1, 2, 3, 4],
            "mixed": [true, "one", 1, 1.5, null],
            "nothing": null,
            "empty": [],
            "items": [
                {"name": "i1", "ready": true, "x": 4, "price": 8.5, "addresses": [{"type": "A", "address": "10.0.0.1"}]},
                {"name": "i2", "ready": false, "x": -2, "z": 1, "price": 12.5,
                 "addresses": [{"type": "A", "address": "10.0.0.2"}, {"type": "B", "address": "10.0.0.3"}]},
            ],
        })
    }

    #[test]
    fn paths_find_what_client_go_finds() {
        let cases = [
            (".kind", "List"),
            ("{.kind}", "List"),
            ("{ .kind }", "List"),
            ("$.kind", "List"),
            ("kind", "!unrecognized identifier kind"),
            ("@.kind", "List"),
            ("['kind']", "List"),
            (r".labels.kubernetes\.io/hostname", "one"),
            (r".labels['kubernetes\.io/hostname']", "one"),
            (r".labels.a\.b.c", "1"),
            (".absent", ""),
            (".absent.deeper[0]", ""),
            (".kind.deeper", ""),
            (".nothing", "<no value>"),
            (".nothing.deeper", ""),
            (".nothing[0]", ""),
            (".numbers", "[1,2,3,4]"),
            (".numbers[0]", "1"),
            (".numbers[-1]", "4"),
            (".numbers[0:2]", "1 2"),
            (".numbers[:2]", "1 2"),
            (".numbers[2:]", "3 4"),
            (".numbers[-2:]", "3 4"),
            (".numbers[:4:2]", "1 3"),
            (".numbers[1::2]", "2 4"),
            (".numbers[2:2]", ""),
            (".numbers[*]", "1 2 3 4"),
            (".numbers.*", "1 2 3 4"),
            (".numbers[4]", "!array index out of bounds: index 4, length 4"),
            (".numbers[-5]", "!array index out of bounds: index -1, length 4"),
            (".numbers[3:1]", "!starting index 3 is greater than ending index 1"),
            (".numbers[0:4:0]", "!step must be > 0"),
            (".empty[*]", ""),
            (".empty[0]", "!array index out of bounds: index 0, length 0"),
            (".kind[0]", "!a string is not a list"),
            (".mixed[*]", "true one 1 1.5 <no value>"),
            (".items[*].name", "i1 i2"),
            (".items[*].addresses[*].address", "10.0.0.1 10.0.0.2 10.0.0.3"),
            ("..address", "10.0.0.1 10.0.0.2 10.0.0.3"),
            (r#".items[?(@.name=="i2")].x"#, "-2"),
            (".items[?(@.name=='i2')].x", "-2"),
            (".items[?(@.name!='i2')].x", "4"),
            (".items[?(@.z)].name", "i2"),
            (".items[?(@.x>0)].name", "i1"),
            (".items[?(@.x<=-2)].name", "i2"),
            (".items[?(@.price>=12.5)].name", "i2"),
            (".items[?(@.ready==true)].name", "i1"),
            (".items[?(@..type=='A')].name", "!can only compare one element at a time"),
            (".items[:1][?(@..address=='10.0.0.1')].name", "!a map is not a list and cannot be filtered"),
            (".items[?(@.addresses[0].address=='10.0.0.1')].name", "i1"),
            (".items[?(@.x=='4')].name", "!incompatible types for comparison"),
            (".items[?(@.ready<true)].name", "!invalid type for comparison"),
            (".numbers[?(@<3)]", "1 2"),
            (".labels[?(@.x)]", "!a map is not a list and cannot be filtered"),
            (r".labels[?(@.x==')')]", "!a map is not a list and cannot be filtered"),
        ];
        let object = object();
        for (path, expected) in cases {
            let found = JsonPath::parse(path).map_err(|error| error.to_string()).and_then(|compiled| {
                let values = compiled.find(&object).map_err(|error| error.to_string())?;
                Ok(values.into_iter().map(text).collect::<Vec<_>>().join(" "))
            });
            match expected.strip_prefix('!') {
                Some(error) => {
                    let given = found.expect_err(path);
                    assert!(given.contains(error), "{path}: {given}");
                }
                None => assert_eq!(found.as_deref(), Ok(expected), "{path}"),
            }
        }
    }

    #[test]
    fn errors_say_where() {
        let cases = [
            ("", 0),
            ("{.a", 0),
            (".a}", 2),
            ("{.a}{.b}", 3),
            (".a[", 2),
            (".a[0", 2),
            (".a[x]", 2),
            (".a[\"x\"]", 2),
            (".a[0,1]", 2),
            (".a.", 2),
            (".a..", 2),
            (".a....b", 4),
            (".a[?(@.b)", 2),
            (".a[?(@.b==)]", 2),
            (".a[?(@.b<>1)]", 2),
            (".a[99999999999999999999]", 2),
            ("range .items", 0),
            (".a'b'", 99),
            ("'text'", 0),
            (".a#", 99),
            (".a ?", 3),
        ];
        for (path, position) in cases {
            match (JsonPath::parse(path), position) {
                // Quotes and most punctuation are part of a name, as in client-go.
                (parsed, 99) => assert!(parsed.is_ok(), "{path}"),
                (Ok(parsed), _) => panic!("{path} is accepted: {parsed:?}"),
                (Err(error), _) => assert_eq!(error.position, position, "{path}: {error}"),
            }
        }
    }

    #[test]
    fn repeated_descents_are_limited() {
        let mut object = json!({"a": 1});
        for _ in 0..60 {
            object = json!({"a": object, "b": [1]});
        }
        let path = JsonPath::parse("..a..a..a..a").unwrap_or_else(|error| panic!("{error}"));
        assert!(path.find(&object).is_err());
    }
}
