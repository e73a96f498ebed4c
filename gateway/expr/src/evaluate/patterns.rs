//! Regular expressions that were compiled with the expression.

use super::{Evaluation, Outcome};
use crate::functions::regexes;
use crate::ir::{Node, RegexUse};
use crate::pattern::Pattern;

impl<'v> Evaluation<'_, 'v> {
    #[inline(never)]
    pub(super) fn pattern(
        &mut self,
        kind: RegexUse,
        pattern: &Pattern,
        arguments: &'v [Node],
    ) -> Outcome<'v> {
        let text = self.node(&arguments[0])?;
        match kind {
            RegexUse::Matches => regexes::matches_pattern(self.meter, &text, pattern),
            RegexUse::Find => regexes::find_pattern(self.meter, &text, pattern),
            RegexUse::FindAll => {
                let limit = arguments.get(2).map(|limit| self.node(limit)).transpose()?;
                regexes::find_all_pattern(self.meter, &text, pattern, limit.as_ref())
            }
        }
    }
}
