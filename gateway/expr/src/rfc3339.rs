//! RFC 3339 as Go's `time.Parse` reads it: the hour may be one digit, a comma may stand for the point. What is wrong
//! with a text is told in its words.

use crate::time::{SECONDS_PER_DAY, days, days_in};

/// Go's name of the form, as it is shown.
const LAYOUT: &str = "2006-01-02T15:04:05Z07:00";

/// A point in time as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Since 1970-01-01T00:00:00Z.
    pub seconds: i64,
    /// Of the second.
    pub nanos: u32,
    /// Seconds east of UTC.
    pub offset: i32,
}

/// Reads a point in time. The error is Go's text.
pub fn parse(text: &str) -> Result<Written, String> {
    let mut reader = Reader { text, rest: text };
    let year = reader.year()?;
    reader.skip("-")?;
    let month = reader.number("01", 2)?;
    if !(1..=12).contains(&month) {
        return Err(reader.out_of_range("month"));
    }
    reader.skip("-")?;
    let day = reader.number("02", 2)?;
    reader.skip("T")?;
    let hour = reader.below(24, "15", 1, "hour")?;
    reader.skip(":")?;
    let minute = reader.below(60, "04", 2, "minute")?;
    reader.skip(":")?;
    let second = reader.below(60, "05", 2, "second")?;
    let nanos = reader.fraction();
    let offset = reader.offset()?;
    if !reader.rest.is_empty() {
        return Err(reader.refused(&format!("extra text: {}", quoted(reader.rest))));
    }
    if !(1..=days_in(year, month)).contains(&day) {
        return Err(reader.out_of_range("day"));
    }
    let seconds = days(year, month, day) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second;
    Ok(Written { seconds: seconds - i64::from(offset), nanos, offset })
}

struct Reader<'a> {
    text: &'a str,
    rest: &'a str,
}

impl Reader<'_> {
    fn year(&mut self) -> Result<i64, String> {
        match self.digits(4) {
            4 => Ok(self.take(4)),
            _ => Err(self.unlike("2006")),
        }
    }

    /// A number of up to two digits; `element` is what the layout has there.
    fn number(&mut self, element: &str, least: usize) -> Result<i64, String> {
        match self.digits(2) {
            count if count >= least => Ok(self.take(count)),
            _ => Err(self.unlike(element)),
        }
    }

    fn below(&mut self, limit: i64, element: &str, least: usize, name: &str) -> Result<i64, String> {
        let number = self.number(element, least)?;
        if number < limit { Ok(number) } else { Err(self.out_of_range(name)) }
    }

    fn skip(&mut self, prefix: &str) -> Result<(), String> {
        self.rest = self.rest.strip_prefix(prefix).ok_or_else(|| self.unlike(prefix))?;
        Ok(())
    }

    /// The layout has none, and a text may: in nanoseconds.
    fn fraction(&mut self) -> u32 {
        let Some(after) = self.rest.strip_prefix(['.', ',']) else { return 0 };
        let count = after.bytes().take_while(u8::is_ascii_digit).count();
        if count == 0 {
            return 0;
        }
        let (digits, rest) = after.split_at(count);
        self.rest = rest;
        let nine = digits.bytes().chain(std::iter::repeat(b'0')).take(9);
        nine.fold(0, |number, digit| number * 10 + u32::from(digit - b'0'))
    }

    fn offset(&mut self) -> Result<i32, String> {
        const ELEMENT: &str = "Z07:00";
        if let Some(rest) = self.rest.strip_prefix('Z') {
            self.rest = rest;
            return Ok(0);
        }
        let two = |from: usize| {
            let digits = self.rest.as_bytes().get(from..from + 2)?;
            let both = digits.iter().all(u8::is_ascii_digit);
            both.then(|| digits.iter().fold(0, |number, digit| number * 10 + i32::from(digit - b'0')))
        };
        if self.rest.len() < ELEMENT.len() || self.rest.as_bytes()[3] != b':' {
            return Err(self.unlike(ELEMENT));
        }
        let hours = two(1);
        let minutes = hours.and_then(|_| two(4));
        // Some write offsets of 24 hours, or of 60 minutes.
        if minutes.is_some_and(|minutes| minutes > 60) {
            return Err(self.out_of_range("time zone offset minute"));
        }
        if hours.is_some_and(|hours| hours > 24) {
            return Err(self.out_of_range("time zone offset hour"));
        }
        let sign = match self.rest.as_bytes()[0] {
            b'+' => 1,
            b'-' => -1,
            _ => return Err(self.unlike(ELEMENT)),
        };
        let (Some(hours), Some(minutes)) = (hours, minutes) else { return Err(self.unlike(ELEMENT)) };
        self.rest = &self.rest[ELEMENT.len()..];
        Ok(sign * (hours * 3600 + minutes * 60))
    }

    /// How many digits there are, `most` at the most.
    fn digits(&self, most: usize) -> usize {
        self.rest.bytes().take(most).take_while(u8::is_ascii_digit).count()
    }

    fn take(&mut self, count: usize) -> i64 {
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        digits.bytes().fold(0, |number, digit| number * 10 + i64::from(digit - b'0'))
    }

    fn unlike(&self, element: &str) -> String {
        let [text, layout, rest, element] = [self.text, LAYOUT, self.rest, element].map(quoted);
        format!("parsing time {text} as {layout}: cannot parse {rest} as {element}")
    }

    fn out_of_range(&self, name: &str) -> String {
        self.refused(&format!("{name} out of range"))
    }

    fn refused(&self, why: &str) -> String {
        format!("parsing time {}: {why}", quoted(self.text))
    }
}

/// As Go's package `time` quotes: what is not ASCII byte by byte.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            b' '..=0x7f => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each row was compared with Go 1.26.
    #[test]
    fn texts_are_those_of_go() {
        for (text, expected) in [
            ("2020-01-02T03:04:05Z", "1577934245.0 0"),
            ("2020-01-02T3:04:05,25Z", "1577934245.250000000 0"),
            ("2020-02-29T23:59:59.1234567891+24:60", "1582930799.123456789 90000"),
            ("1969-12-31T23:59:59-00:30", "1799.0 -1800"),
            ("0000-01-01T00:00:00Z", "-62167219200.0 0"),
            ("", "as L: cannot parse \"\" as \"2006\""),
            ("yesterday", "as L: cannot parse \"yesterday\" as \"2006\""),
            ("12+4-", "as L: cannot parse \"12+4-\" as \"2006\""),
            (
                "<\u{2028}\u{1}\"\\\u{7f}",
                "as L: cannot parse \"<\\xe2\\x80\\xa8\\x01\\\"\\\\\u{7f}\" as \"2006\"",
            ),
            ("2020", "as L: cannot parse \"\" as \"-\""),
            ("2020/01", "as L: cannot parse \"/01\" as \"-\""),
            ("2020-1-02", "as L: cannot parse \"1-02\" as \"01\""),
            ("2020-13-02", ": month out of range"),
            ("2020-01-1T", "as L: cannot parse \"1T\" as \"02\""),
            ("2020-01-32t", "as L: cannot parse \"t\" as \"T\""),
            ("2020-01-02T24:00:00Z", ": hour out of range"),
            ("2020-01-02T:", "as L: cannot parse \":\" as \"15\""),
            ("2020-01-02T03:4:00Z", "as L: cannot parse \"4:00Z\" as \"04\""),
            ("2020-01-02T03:60:00Z", ": minute out of range"),
            ("2020-01-02T03:04:60Z", ": second out of range"),
            ("2020-01-02T03:04:05.Z", "as L: cannot parse \".Z\" as \"Z07:00\""),
            ("2020-01-02T03:04:05", "as L: cannot parse \"\" as \"Z07:00\""),
            ("2020-01-02T03:04:05+01", "as L: cannot parse \"+01\" as \"Z07:00\""),
            ("2020-01-02T03:04:05+0100", "as L: cannot parse \"+0100\" as \"Z07:00\""),
            ("2020-01-02T03:04:05x01:00", "as L: cannot parse \"x01:00\" as \"Z07:00\""),
            ("2020-01-02T03:04:05+a1:00", "as L: cannot parse \"+a1:00\" as \"Z07:00\""),
            ("2020-01-02T03:04:05x25:00", ": time zone offset hour out of range"),
            ("2020-01-02T03:04:05x25:61", ": time zone offset minute out of range"),
            ("2020-01-02T03:04:05Zx\u{e9}", ": extra text: \"x\\xc3\\xa9\""),
            ("2020-02-30T03:04:05Z", ": day out of range"),
            ("2020-01-00T03:04:05Z", ": day out of range"),
        ] {
            let found = match parse(text) {
                Ok(Written { seconds, nanos: 0, offset }) => format!("{seconds}.0 {offset}"),
                Ok(Written { seconds, nanos, offset }) => format!("{seconds}.{nanos:09} {offset}"),
                Err(why) => why.replacen(&format!("parsing time {}", quoted(text)), "", 1),
            };
            let found = found.replace(&quoted(LAYOUT), "L");
            assert_eq!(found.trim_start(), expected, "{text}");
        }
    }
}
