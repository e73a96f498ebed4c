//! Line breaks of YAML 1.1 that are none to the parser, which follows YAML 1.2.

use std::borrow::Cow;

use granit_parser::Marker;

/// A next line (NEL): to YAML 1.1 the same as a line feed.
const NEXT_LINE: char = '\u{85}';

/// The text with every break that is read as a line feed as one.
pub(super) fn unified(text: &str) -> Cow<'_, str> {
    match text.contains(NEXT_LINE) {
        true => Cow::Owned(text.replace(NEXT_LINE, "\n")),
        false => Cow::Borrowed(text),
    }
}

/// Whether a line ends with a character. Separators are kept in a scalar, but end a line all the same.
pub(super) fn ends_line(character: char) -> bool {
    character == '\n' || is_separator(character)
}

/// The line of a place in `text`, from 1.
pub(super) fn line_of(place: &Marker, text: &str) -> usize {
    let before = place.byte_offset().and_then(|at| text.get(..at)).unwrap_or(text);
    place.line() + before.matches(is_separator).count()
}

fn is_separator(character: char) -> bool {
    matches!(character, '\u{2028}' | '\u{2029}')
}
