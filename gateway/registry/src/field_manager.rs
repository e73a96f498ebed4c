//! The name of who writes, as a request's options give it.

use serde_json::Value;
use tributary_schema::field::{Error, Path};
use tributary_schema::gotext;

/// The longest, in bytes (apimachinery, `FieldManagerMaxLength`).
const BYTES_MOST: i64 = 128;
/// The most characters that are refused one by one: each repeats the whole, which can be as long as a URL.
const ERRORS_MOST: usize = 256;

/// What is wrong with a field manager (apimachinery, `ValidateFieldManager`).
pub(crate) fn faults(manager: &str) -> Vec<Error> {
    let at = Path::new("fieldManager");
    let mut errors = Vec::new();
    if i64::try_from(manager.len()).is_ok_and(|length| length > BYTES_MOST) {
        errors.push(Error::too_long(&at, BYTES_MOST));
    }
    let unprintable = manager.char_indices().filter(|(_, character)| !gotext::is_printable(*character));
    errors.extend(unprintable.take(ERRORS_MOST).map(|(place, character)| {
        let text = format!("invalid character {} (at position {place})", gotext::code_point(character));
        Error::invalid(&at, &Value::from(manager), text)
    }));
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_printable() {
        let invalid = |shown: &str, code: &str, place: usize| {
            format!("fieldManager: Invalid value: {shown}: invalid character {code} (at position {place})")
        };
        let too_long = "fieldManager: Too long: may not be more than 128 bytes".to_owned();
        for (manager, expected) in [
            (String::new(), vec![]),
            ("kubectl edit é".to_owned(), vec![]),
            ("x".repeat(128), vec![]),
            ("x".repeat(129), vec![too_long.clone()]),
            ("\u{7}".to_owned(), vec![invalid(r#""\a""#, "U+0007", 0)]),
            (
                "é\u{7f}\u{2028}".to_owned(),
                vec![invalid(r#""é\x7f\u2028""#, "U+007F", 2), invalid(r#""é\x7f\u2028""#, "U+2028", 3)],
            ),
        ] {
            let found: Vec<_> = faults(&manager).iter().map(ToString::to_string).collect();
            assert_eq!(found, expected, "{manager:?}");
        }
        assert_eq!(faults(&"\n".repeat(10_000)).len(), ERRORS_MOST + 1);
    }
}
