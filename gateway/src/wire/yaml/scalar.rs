//! How a text is written: plain, in quotes, or as a block (libyaml's `analyze_scalar` and `select_scalar_style`).

use super::resolve::{Plain, is_base_60, resolve};

/// The style of a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Single,
    Double,
    /// `|`
    Literal,
}

/// What of a text rules styles out.
#[derive(Default)]
struct Traits {
    breaks: bool,
    /// It begins with an indicator, or has `: ` or ` #`.
    indicators: bool,
    edge_space: bool,
    trailing_space: bool,
    edge_break: bool,
    space_after_break: bool,
    break_after_space: bool,
    special: bool,
}

/// The style of `text`.
pub(super) fn style(text: &str) -> Style {
    let traits = Traits::of(text);
    let wanted = if text.contains('\n') {
        Style::Literal
    } else if resolve(text) != Plain::Text || is_base_60(text) {
        Style::Double
    } else {
        Style::Plain
    };
    let quoted = || match traits.space_after_break || traits.break_after_space || traits.special {
        true => Style::Double,
        false => Style::Single,
    };
    match wanted {
        Style::Plain if traits.allow_plain() => Style::Plain,
        Style::Plain => quoted(),
        Style::Literal if traits.allow_block() => Style::Literal,
        _ => Style::Double,
    }
}

/// Whether a text has line breaks, so that as a key it is not a simple one.
pub(super) fn has_breaks(text: &str) -> bool {
    text.chars().any(is_break)
}

/// Characters that are written as they are.
pub(super) fn is_printable(character: char) -> bool {
    matches!(character, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

pub(super) fn is_break(character: char) -> bool {
    matches!(character, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

impl Traits {
    fn of(text: &str) -> Self {
        let mut traits = Self { indicators: begins_with_indicator(text), ..Self::default() };
        let mut previous = None;
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            let blank = |other: char| other == ' ' || other == '\t';
            let followed = characters.peek().is_none_or(|next| blank(*next));
            let preceded = previous.is_none_or(|other| blank(other) || is_break(other) || other == '\0');
            let edge = previous.is_none() || characters.peek().is_none();
            traits.indicators |= match character {
                ':' => previous.is_some() && followed,
                '#' => preceded,
                _ => false,
            };
            traits.special |= !is_printable(character);
            if character == ' ' {
                traits.edge_space |= edge;
                traits.trailing_space |= characters.peek().is_none();
                traits.space_after_break |= previous.is_some_and(is_break);
            } else if is_break(character) {
                traits.breaks = true;
                traits.edge_break |= edge;
                traits.break_after_space |= previous == Some(' ');
            }
            previous = Some(character);
        }
        traits
    }

    fn allow_plain(&self) -> bool {
        let inside = self.space_after_break || self.break_after_space || self.special || self.breaks;
        !(inside || self.edge_space || self.edge_break || self.indicators)
    }

    fn allow_block(&self) -> bool {
        !(self.trailing_space || self.break_after_space || self.special)
    }
}

fn begins_with_indicator(text: &str) -> bool {
    if text.starts_with("---") || text.starts_with("...") {
        return true;
    }
    let mut characters = text.chars();
    let first = characters.next().unwrap_or(' ');
    let followed = characters.next().is_none_or(|next| next == ' ' || next == '\t');
    match first {
        '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => {
            true
        }
        '?' | ':' | '-' => followed,
        _ => false,
    }
}
