//! Floats as go-yaml writes them.

use tributary_schema::gotext;

/// 2^64 as JSON writes it is no `u64`, what is less is one.
const LARGEST_INTEGER: f64 = 18_446_744_073_709_551_616.0;

/// A float as it is in JSON, which go-yaml reads again: without a fraction it is an integer, up to the largest `u64`.
pub(super) fn float_text(float: f64) -> String {
    match float {
        float if float.fract() == 0.0 && (0.0..LARGEST_INTEGER).contains(&float) => format!("{float}"),
        _ => gotext::float(float),
    }
}
