//! The format `email`: what Go's `mail.ParseAddress` takes. That is RFC 5322 with its comments, names and groups, as
//! far as Go reads it: a group counts if one address is in it.

use std::net::IpAddr;

use super::encoded_word::Word;

pub(super) fn is_email(text: &str) -> bool {
    let mut parser = Parser { rest: text };
    parser.entry().and_then(|entry| parser.end(entry)).is_some()
}

/// The rest of the text; what a function reads it removes.
struct Parser<'a> {
    rest: &'a str,
}

/// What stands where an address may.
enum Entry {
    Mailbox,
    /// The name of a group was read, and the colon after it.
    Group,
}

/// What precedes an address in angle brackets.
#[derive(Default)]
struct Phrase {
    /// Words that are complete, which an encoded one is only when a plain one follows.
    words: bool,
    /// Text of encoded words.
    pending: bool,
}

impl Parser<'_> {
    /// The list of a group, and the end of the text.
    fn end(&mut self, entry: Entry) -> Option<()> {
        if let Entry::Group = entry {
            self.sole_member()?;
        }
        self.comments()?;
        self.rest.is_empty().then_some(())
    }

    /// One address and the group's end. Another one may follow in a list, but then the text is not one address.
    fn sole_member(&mut self) -> Option<()> {
        match self.entry()? {
            Entry::Mailbox => {}
            Entry::Group => return None,
        }
        self.comments()?;
        self.take(';')
    }

    /// `<address> (comment)`, `name <address>`, or the begin of a group.
    fn entry(&mut self) -> Option<Entry> {
        self.spaces();
        let begin = self.rest;
        if self.address().is_some() {
            self.spaces();
            if self.rest.starts_with('(') {
                self.name_comment()?;
            }
            return Some(Entry::Mailbox);
        }
        self.rest = begin;
        if self.rest.is_empty() {
            return None;
        }
        if !self.rest.starts_with('<') {
            self.phrase()?;
        }
        self.spaces();
        if self.take(':').is_some() {
            return Some(Entry::Group);
        }
        self.take('<')?;
        self.address()?;
        self.take('>')?;
        Some(Entry::Mailbox)
    }

    /// `local@domain`. Quotes around nothing are no local part.
    fn address(&mut self) -> Option<()> {
        self.spaces();
        if self.rest.starts_with('"') {
            self.quoted().filter(|inner| !inner.is_empty())?;
        } else {
            self.dotted()?;
        }
        self.take('@')?;
        self.spaces();
        if self.rest.starts_with('[') { self.literal() } else { self.dotted() }
    }

    /// An atom whose dots stand alone and within.
    fn dotted(&mut self) -> Option<()> {
        let atom = self.atom()?;
        (!atom.starts_with('.') && !atom.ends_with('.') && !atom.contains("..")).then_some(())
    }
}

impl<'a> Parser<'a> {
    fn take(&mut self, character: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(character)?;
        Some(())
    }

    fn take_until(&mut self, end: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn spaces(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    fn atom(&mut self) -> Option<&'a str> {
        let end = self.rest.find(|next| !is_atom(next)).unwrap_or(self.rest.len());
        (end > 0).then(|| self.take_until(end))
    }

    /// What stands between quotes, still escaped.
    fn quoted(&mut self) -> Option<&'a str> {
        let inner = self.rest.strip_prefix('"')?;
        let mut escaped = false;
        for (index, next) in inner.char_indices() {
            match next {
                '"' if !escaped => {
                    self.rest = &inner[index + 1..];
                    return Some(&inner[..index]);
                }
                '\\' if !escaped => escaped = true,
                ' ' | '\t' => escaped = false,
                _ if is_visible(next) => escaped = false,
                _ => return None,
            }
        }
        None
    }

    /// An IP address in square brackets.
    fn literal(&mut self) -> Option<()> {
        self.take('[')?;
        let end = self.rest.find(']')?;
        let literal = self.take_until(end);
        self.take(']')?;
        literal.parse::<IpAddr>().is_ok().then_some(())
    }

    /// Spaces and comments.
    fn comments(&mut self) -> Option<()> {
        self.spaces();
        while self.rest.starts_with('(') {
            self.comment()?;
            self.spaces();
        }
        Some(())
    }

    /// A comment, which may have others in it, without its parentheses.
    fn comment(&mut self) -> Option<&'a str> {
        let mut depth = 0_usize;
        let mut bytes = self.rest.bytes().enumerate();
        while let Some((index, byte)) = bytes.next() {
            match byte {
                // The last byte of the text escapes nothing.
                b'\\' => {
                    bytes.next();
                }
                b'(' => depth += 1,
                b')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return self.take_until(index + 1).get(1..index);
            }
        }
        None
    }

    /// A comment that is the name of the address before it.
    fn name_comment(&mut self) -> Option<()> {
        let comment = self.comment()?;
        // Go splits the comment without its backslashes.
        let plain = unescaped(comment);
        plain.split([' ', '\t']).all(|word| Word::of(word) != Word::Unknown).then_some(())
    }

    /// Words, with comments between them. What is no word ends the phrase, if one was read.
    fn phrase(&mut self) -> Option<()> {
        let mut phrase = Phrase::default();
        loop {
            if phrase.words {
                self.comments()?;
            }
            self.spaces();
            if self.rest.is_empty() {
                return Some(());
            }
            match self.word() {
                Some(word) => phrase.add(word),
                None => return (phrase.words || phrase.pending).then_some(()),
            }
        }
    }

    /// A quoted string, or an atom that may have any dots and be encoded. One in a charset that Go does not know is
    /// read all the same, but is none.
    fn word(&mut self) -> Option<Word> {
        if self.rest.starts_with('"') {
            return self.quoted().map(|_| Word::Plain);
        }
        self.atom().map(Word::of).filter(|&word| word != Word::Unknown)
    }
}

impl Phrase {
    fn add(&mut self, word: Word) {
        match word {
            Word::Plain | Word::Unknown => *self = Self { words: true, pending: false },
            Word::Text => self.pending = true,
            Word::Empty => {}
        }
    }
}

/// A comment's text: of what a backslash precedes, only the character stays.
fn unescaped(comment: &str) -> String {
    let mut characters = comment.chars();
    let mut plain = String::with_capacity(comment.len());
    while let Some(next) = characters.next() {
        let escaped = (next == '\\').then(|| characters.next()).flatten();
        plain.push(escaped.unwrap_or(next));
    }
    plain
}

fn is_atom(character: char) -> bool {
    is_visible(character) && !"()<>[]:;@\\,\"".contains(character)
}

/// Printable ASCII, or anything beyond it (RFC 6532).
fn is_visible(character: char) -> bool {
    matches!(character, '!'..='~') || !character.is_ascii()
}
