//! String formats, judged by upstream's own code: `data/formats.go` writes what it said. A longer table made with another
//! seed is read from the file that `TRIBUTARY_SCHEMA_FORMATS` names.

use std::collections::BTreeMap;

use serde_json::json;

use super::compile;

const TABLE: &str = include_str!("formats.json");

/// By format: `valid` and `invalid` texts.
type Table = BTreeMap<String, BTreeMap<String, Vec<String>>>;

#[test]
fn texts_are_judged_as_upstream_does() {
    let text = match std::env::var("TRIBUTARY_SCHEMA_FORMATS") {
        Ok(path) => std::fs::read_to_string(path).unwrap(),
        Err(_) => TABLE.to_owned(),
    };
    let table: Table = serde_json::from_str(&text).unwrap();
    assert_eq!(table.len(), 26);
    let mut different = Vec::new();
    for (format, answers) in &table {
        let schema =
            compile(&json!({"type": "object", "properties": {"x": {"type": "string", "format": format}}}));
        for (answer, texts) in answers {
            assert!(!texts.is_empty() || (format, answer) == (&"password".to_owned(), &"invalid".to_owned()));
            for text in texts {
                let object = json!({"x": text});
                let faults = schema.validate(object.as_object().unwrap());
                if faults.is_empty() != (answer == "valid") {
                    different.push(format!("{format} {text:?} is {answer}, ours: {faults:?}"));
                }
            }
        }
    }
    let shown = different.iter().take(40).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(different.is_empty(), "{} differ:\n{shown}", different.len());
}
