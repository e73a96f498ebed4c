//! Formats that are literals, with literal lists: their verbs and values must fit.

use super::types::Type;
use super::{Checker, Typed};
use crate::error::CompileError;
use crate::functions::formatting::{self, Piece};
use crate::ir::{Constant, Step};
use crate::kind::Kind;

impl Checker<'_> {
    /// Checks `format` called on the first of these with the second, as far as both are literals.
    pub(super) fn check_format(&self, typed: &[Typed]) -> Result<(), CompileError> {
        let [(format, _), (list, of)] = typed else { return Ok(()) };
        let (Step::Constant(Constant::String(format_text)), Step::List(elements)) =
            (&format.step, &list.step)
        else {
            return Ok(());
        };
        let pieces = formatting::pieces(format_text).map_err(|message| self.error(format.at, message))?;
        let verbs: Vec<char> = pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Verb(verb, _) => Some(*verb),
                Piece::Text(_) => None,
            })
            .collect();
        if verbs.len() > elements.len() {
            return Err(self.error(format.at, format!("index {} out of range", elements.len())));
        }
        if verbs.len() < elements.len() {
            let message = format!(
                "too many arguments supplied to string.format (expected {}, got {})",
                verbs.len(),
                elements.len()
            );
            return Err(self.error(format.at, message));
        }
        let Type::List(of) = self.types.known(of) else { return Ok(()) };
        for (verb, element) in verbs.iter().zip(elements) {
            if !takes(*verb, &of) {
                let message = format!("formatting clause \"{verb}\" does not take values of type '{of}'");
                return Err(self.error(element.value.at, message));
            }
        }
        Ok(())
    }
}

/// Whether a verb writes values of a type, as far as that is known.
fn takes(verb: char, of: &Type) -> bool {
    let kind = match of {
        Type::Plain(kind) => *kind,
        Type::Dyn | Type::Unknown(_) => return true,
        Type::List(_) | Type::Map(..) | Type::Type => return verb == 's',
        Type::Optional(_) => return false,
    };
    match verb {
        's' => !matches!(
            kind,
            Kind::Quantity | Kind::Url | Kind::Ip | Kind::Cidr | Kind::Semver | Kind::Format | Kind::Optional
        ),
        'd' | 'o' => matches!(kind, Kind::Int | Kind::Uint),
        'f' | 'e' => matches!(kind, Kind::Double | Kind::String),
        'b' => matches!(kind, Kind::Int | Kind::Uint | Kind::Bool),
        _ => matches!(kind, Kind::Int | Kind::Uint | Kind::String | Kind::Bytes),
    }
}
