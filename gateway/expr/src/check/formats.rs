//! `format` with a literal format and a literal list: its verbs and values must fit.

use super::types::Type;
use super::{Checker, Typed};
use crate::error::CompileError;
use crate::functions::formatting::{self, Piece};
use crate::kind::Kind;
use crate::syntax::{Form, Syntax};

impl<'a> Checker<'a> {
    /// A call of `format`, whose literals may mix types.
    pub(super) fn format_call(
        &mut self,
        at: u32,
        target: &'a Syntax,
        arguments: &'a [Syntax],
    ) -> Result<Typed, CompileError> {
        self.in_format += 1;
        let rest = self.nodes(arguments)?;
        let elements = std::mem::take(&mut self.element_types);
        let (target_node, of) = self.node(target)?;
        self.in_format -= 1;
        if let (Form::String(format), [Syntax { form: Form::List(_), .. }]) = (&target.form, arguments) {
            self.check_format(target.at, format, &elements)?;
        }
        let typed = std::iter::once((target_node, of)).chain(rest).collect();
        self.resolved(at, "format", true, typed)
    }

    fn check_format(&self, at: u32, format: &str, elements: &[(u32, Type)]) -> Result<(), CompileError> {
        let pieces = formatting::pieces(format).map_err(|message| self.error(at, message))?;
        let verbs: Vec<char> = pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Verb(verb, _) => Some(*verb),
                Piece::Text(_) => None,
            })
            .collect();
        if verbs.len() > elements.len() {
            return Err(self.error(at, format!("index {} out of range", elements.len())));
        }
        if verbs.len() < elements.len() {
            let (expected, got) = (verbs.len(), elements.len());
            let message =
                format!("too many arguments supplied to string.format (expected {expected}, got {got})");
            return Err(self.error(at, message));
        }
        for (verb, (at, of)) in verbs.iter().zip(elements) {
            if !takes(*verb, of) {
                let message = format!("formatting clause \"{verb}\" does not take values of type '{of}'");
                return Err(self.error(*at, message));
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
        Type::List(_) | Type::Map(..) | Type::Named => return verb == 's',
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
