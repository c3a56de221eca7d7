//! What a relation says, as the JSON of which a name of its own is the hash.

use super::*;

/// An object of JSON in the making. Millions of relations are written for their names' sake, so it is written into one
/// text and no trees; whoever writes gives the members in the order of their keys.
pub(super) struct Json<'t> {
    out: &'t mut String,
    first: bool,
}

impl<'t> Json<'t> {
    /// Begins an object.
    pub fn object(out: &'t mut String) -> Self {
        out.push('{');
        Self { out, first: true }
    }

    /// The text, behind the key of a member whose value is written there.
    pub fn member(&mut self, key: &str) -> &mut String {
        self.out.push_str(if self.first { "\"" } else { ",\"" });
        self.first = false;
        self.out.push_str(key);
        self.out.push_str("\":");
        self.out
    }

    pub fn text(&mut self, key: &str, text: &str) {
        quote_to(self.member(key), text);
    }

    pub fn texts(&mut self, key: &str, texts: &[Text]) {
        let out = self.member(key);
        if texts.is_sorted_by(|a, b| a < b) && texts.iter().all(|text| is_plain(text)) {
            // A set in the order that its texts have in quotes, too.
            list_to(out, texts.iter(), |out, text| quote_to(out, text));
            return;
        }
        let mut items: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
        items.sort_unstable();
        items.dedup();
        list_to(out, items.iter(), |out, item| out.push_str(item));
    }

    pub fn texts_unless_empty(&mut self, key: &str, texts: &[Text]) {
        if !texts.is_empty() {
            self.texts(key, texts);
        }
    }

    /// An object of one member.
    pub fn one(&mut self, key: &str, inner: &str, text: &str) {
        let mut object = Json::object(self.member(key));
        object.text(inner, text);
        object.end();
    }

    /// A member that is there where it is so.
    fn flag(&mut self, key: &str, is: bool, value: &str) {
        if is {
            self.member(key).push_str(value);
        }
    }

    pub fn assumed(&mut self, common: &RelationCommon) {
        self.flag("assumed", common.is_assumed(), "true");
    }

    pub fn intended(&mut self, common: &RelationCommon) {
        self.flag("intended", !common.is_intended(), "false");
    }

    pub fn end(self) {
        self.out.push('}');
    }
}

fn list_to<I>(out: &mut String, items: impl Iterator<Item = I>, write: impl Fn(&mut String, I)) {
    out.push('[');
    for (at, item) in items.enumerate() {
        if at > 0 {
            out.push(',');
        }
        write(out, item);
    }
    out.push(']');
}

/// Whether a text is the same in quotes, and texts like it have the same order in quotes: what stands before the quote
/// would come before the end of a text.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| b > b'"' && b != b'\\')
}

fn quote_to(out: &mut String, text: &str) {
    if text.bytes().all(|b| b >= b' ' && b != b'"' && b != b'\\') {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        // Writing a text to memory cannot fail.
        out.push_str(&serde_json::to_string(text).unwrap_or_default());
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    quote_to(&mut out, text);
    out
}

pub(super) fn requirements_to(out: &mut String, requirements: &[Requirement]) {
    let item = |out: &mut String, r: &Requirement| {
        let mut object = Json::object(out);
        object.text("scope", &r.scope);
        object.text("system", &r.system);
        object.end();
    };
    if requirements.iter().all(|r| is_plain(&r.scope) && is_plain(&r.system)) {
        let mut sorted: Vec<&Requirement> = requirements.iter().collect();
        sorted.sort_unstable_by_key(|r| (&r.scope, &r.system));
        sorted.dedup();
        return list_to(out, sorted.into_iter(), item);
    }
    let written = |r| {
        let mut out = String::new();
        item(&mut out, r);
        out
    };
    let mut items: Vec<String> = requirements.iter().map(written).collect();
    items.sort_unstable();
    items.dedup();
    list_to(out, items.iter(), |out, item| out.push_str(item));
}
