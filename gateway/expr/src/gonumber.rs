//! Doubles as Go reads them and CEL's `format` writes them.

/// Reads a double: decimal digits, which underscores may keep apart, `inf` and `nan`; what is too large is refused.
pub(crate) fn parse_double(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let apart = |(at, &byte): (usize, &u8)| byte != b'_' || (digit(at.checked_sub(1)) && digit(Some(at + 1)));
    if !bytes.iter().enumerate().all(apart) {
        return None;
    }
    let text = &text.replace('_', "");
    let value = text.parse::<f64>().ok()?;
    let written_infinite = text.trim_start_matches(['+', '-']).starts_with(['i', 'I']);
    (value.is_finite() || value.is_nan() || written_infinite).then_some(value)
}

/// Go's `%.*f`.
pub(crate) fn fixed(value: f64, digits: usize) -> String {
    not_finite(value).map_or_else(|| format!("{value:.digits$}"), str::to_owned)
}

fn not_finite(value: f64) -> Option<&'static str> {
    match value {
        value if value.is_nan() => Some("NaN"),
        f64::INFINITY => Some("+Inf"),
        f64::NEG_INFINITY => Some("-Inf"),
        _ => None,
    }
}

/// `%.*f` with the thousands apart, as the English locale has it.
pub(crate) fn grouped(value: f64, digits: usize) -> String {
    let text = match value {
        value if value.is_nan() => return "NaN".to_owned(),
        f64::INFINITY => return "∞".to_owned(),
        f64::NEG_INFINITY => return "-∞".to_owned(),
        // No zero has a sign.
        value => format!("{:.digits$}", value + 0.0),
    };
    let (sign, rest) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let whole_end = rest.find('.').unwrap_or(rest.len());
    let (whole, fraction) = rest.split_at(whole_end);
    let mut out = sign.to_owned();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + fraction
}

/// Upstream's `%.*e`: six digits and a power of ten, as the English locale has it; the precision is the least width.
pub(crate) fn scientific(value: f64, width: usize) -> String {
    let text = match value {
        value if value.is_nan() => "NaN".to_owned(),
        f64::INFINITY => "∞".to_owned(),
        f64::NEG_INFINITY => "-∞".to_owned(),
        _ => {
            let text = format!("{:.6e}", value + 0.0);
            let (number, exponent) = text.split_once('e').unwrap_or((&text, "0"));
            format!("{number}×10{}", superscript(exponent.parse().unwrap_or_default()))
        }
    };
    format!("{text:>width$}")
}

fn superscript(power: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digits = format!("{:02}", power.unsigned_abs());
    let mut out = String::new();
    if power < 0 {
        out.push('⁻');
    }
    out.extend(digits.bytes().map(|digit| DIGITS[usize::from(digit - b'0')]));
    out
}
