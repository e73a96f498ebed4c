//! Floats as Go writes them with `strconv.FormatFloat(value, 'g', -1, …)`.

/// From this exponent on the shortest form has one.
const EXPONENT_FROM: i32 = 6;
/// Below this one it has, too.
const EXPONENT_BELOW: i32 = -4;

/// The shortest text that is the same float of 64 bits.
pub(super) fn float_64(value: f64) -> String {
    general(&format!("{value:e}"))
}

/// The shortest text that is the same float of 32 bits: what go-yaml makes of a float that is a key.
pub(super) fn float_32(value: f64) -> String {
    general(&format!("{:e}", value as f32))
}

/// From Rust's `-1.25e-7` to the form of `%g`.
fn general(scientific: &str) -> String {
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(EXPONENT_BELOW..EXPONENT_FROM).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    let (sign, unsigned) = match mantissa.strip_prefix('-') {
        Some(unsigned) => ("-", unsigned),
        None => ("", mantissa),
    };
    let digits = unsigned.replace('.', "");
    if exponent < 0 {
        let zeros = "0".repeat(exponent.unsigned_abs() as usize - 1);
        return format!("{sign}0.{zeros}{digits}");
    }
    let whole = exponent.unsigned_abs() as usize + 1;
    match digits.len() > whole {
        true => format!("{sign}{}.{}", &digits[..whole], &digits[whole..]),
        false => format!("{sign}{digits}{}", "0".repeat(whole - digits.len())),
    }
}
