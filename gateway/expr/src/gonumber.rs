//! Doubles as Go reads and writes them.

/// Reads a double: decimal digits, `inf` and `nan`; what is too large is refused.
pub(crate) fn parse_double(text: &str) -> Option<f64> {
    let value = text.parse::<f64>().ok()?;
    let written_infinite = text.trim_start_matches(['+', '-']).starts_with(['i', 'I']);
    (value.is_finite() || value.is_nan() || written_infinite).then_some(value)
}

/// The shortest text, with an exponent below 1e-4 and from 1e21: Go's `%g`.
pub(crate) fn general(value: f64) -> String {
    if let Some(text) = not_finite(value) {
        return text.to_owned();
    }
    let scientific = format!("{value:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    let power: i32 = exponent.parse().unwrap_or_default();
    if (-4..21).contains(&power) {
        return format!("{value}");
    }
    format!("{digits}e{}", exponent_text(power))
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

fn exponent_text(power: i32) -> String {
    format!("{}{:02}", if power < 0 { '-' } else { '+' }, power.abs())
}

/// `%.*f` with the thousands apart, as the English locale has it.
pub(crate) fn grouped(value: f64, digits: usize) -> String {
    let text = match value {
        value if value.is_nan() => return "NaN".to_owned(),
        f64::INFINITY => return "∞".to_owned(),
        f64::NEG_INFINITY => return "-∞".to_owned(),
        value => format!("{value:.digits$}"),
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

/// `%.*e` as the English locale writes it: the exponent as a power of ten.
pub(crate) fn scientific(value: f64, digits: usize) -> String {
    match value {
        value if value.is_nan() => return "NaN".to_owned(),
        f64::INFINITY => return "∞".to_owned(),
        f64::NEG_INFINITY => return "-∞".to_owned(),
        _ => {}
    }
    let text = format!("{value:.digits$e}");
    let (number, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let power: i32 = exponent.parse().unwrap_or_default();
    let sign = if power < 0 { '⁻' } else { '⁰' };
    let _ = sign;
    format!("{number} × 10{}", superscript(power))
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

/// Quotes as Go's `%q` does.
pub(crate) fn quote(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if (control as u32) < 0x20 || control as u32 == 0x7f => {
                out.push_str(&format!("\\x{:02x}", control as u32));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}
