//! Properties that hold whatever the input.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tributary_schema::columns::{ColumnDeclaration, Columns};
use tributary_schema::field::Path;
use tributary_schema::jsonpath::JsonPath;
use tributary_schema::{Structural, limits};

use crate::compile;

/// JSON with the field names of [`schema`], so that its rules meet it.
fn any_json() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-c0-9é]{0,4}".prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map("spec|list|map|raw|text|count|x|kind|metadata", inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn schema() -> Structural {
    compile(
        &json!({"type": "object", "properties": {"spec": {"type": "object", "required": ["text"], "properties": {
            "text": {"type": "string", "default": "a", "pattern": "^[a-c]*$", "maxLength": 2},
            "count": {"type": "integer", "format": "int32", "nullable": true, "minimum": 0, "multipleOf": 2},
            "list": {"type": "array", "maxItems": 2, "items": {"type": "object", "properties": {"x": {"type": "number", "default": 1}}}},
            "map": {"type": "object", "additionalProperties": {"x-kubernetes-int-or-string": true}},
            "raw": {"x-kubernetes-preserve-unknown-fields": true},
        }}}}),
    )
}

proptest! {
    #[test]
    fn pruning_and_defaulting_settle(spec in any_json()) {
        let schema = schema();
        let mut object = Map::from_iter([("spec".to_owned(), spec)]);
        let unknown = schema.prune(&mut object);
        prop_assert!(unknown.is_sorted());
        prop_assert!(schema.prune(&mut object).is_empty());
        schema.default(&mut object);
        let once = object.clone();
        schema.default(&mut object);
        prop_assert_eq!(&object, &once);
        prop_assert!(schema.prune(&mut object).is_empty(), "defaults bring nothing unknown");
        prop_assert!(schema.validate(&object).len() <= limits::VALIDATION_ERRORS);
    }

    #[test]
    fn any_json_is_a_schema_or_refused_with_errors(schema in any_json(), spec in any_json()) {
        for given in [schema.clone(), json!({"type": "object", "properties": schema}), json!({"type": "object", "default": spec})] {
            match Structural::parse(&given, &Path::root()) {
                Ok(compiled) => prop_assert_eq!(compiled.openapi_v3()["type"].clone(), given["type"].clone()),
                Err(errors) => prop_assert!(!errors.is_empty()),
            }
        }
    }

    #[test]
    fn any_text_is_a_path_or_refused_within_it(text in r#"[\.\[\]\(\)\?@\$\*'"\\ ,:<=!{}a-cé0-2-]{0,16}"#, object in any_json()) {
        match JsonPath::parse(&text) {
            Ok(path) => if let Ok(found) = path.find(&object) {
                prop_assert!(found.len() <= limits::JSONPATH_RESULTS);
            },
            Err(error) => prop_assert!(error.position <= text.len(), "{error}"),
        }
        let declared = ColumnDeclaration { name: "X", kind: "date", json_path: &text, ..ColumnDeclaration::default() };
        if let Ok(columns) = Columns::parse(&[declared], &Path::root()) {
            prop_assert_eq!(columns.cells(&object).len(), columns.definitions().len());
        }
    }

    #[test]
    fn any_text_is_a_pattern_or_refused(pattern in r"[\[\]\(\)\?\*\+\\\^\$\{\}\|\.:&~<>,a-dwbxPié0-3-]{0,12}", text in any_json()) {
        let schema = json!({"type": "object", "properties": {"spec": {"type": "string", "pattern": pattern}}});
        if let Ok(schema) = Structural::parse(&schema, &Path::root()) {
            let object = Map::from_iter([("spec".to_owned(), text)]);
            prop_assert!(schema.validate(&object).len() <= 1);
        }
    }
}
