//! JSON as importers need it besides serde: which members a text has, at which line a pointer lies, and what is wrong
//! with a text, said without quoting it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::ControlFlow;

/// A member of the object a text is.
#[derive(Clone, Debug, PartialEq)]
pub struct Member<'a> {
    /// Its key, unescaped.
    pub key: Cow<'a, str>,
    /// The text from the first character of its value on, to the end of the text.
    pub value: &'a str,
}

impl Member<'_> {
    /// The value where it is a string.
    #[must_use]
    pub fn as_text(&self) -> Option<String> {
        let end = string_end(self.value.as_bytes(), 0)?;
        serde_json::from_str(&self.value[..end]).ok()
    }

    /// Whether the value is an array.
    #[must_use]
    pub fn is_array(&self) -> bool {
        self.value.starts_with('[')
    }

    /// Whether the value is an object.
    #[must_use]
    pub fn is_object(&self) -> bool {
        self.value.starts_with('{')
    }
}

/// The members of the object `text` is, as far as its first `within` bytes show them; empty for anything else. A text
/// that is cut off or broken gives those before the break.
#[must_use]
pub fn members(text: &str, within: usize) -> Vec<Member<'_>> {
    let mut found = Vec::new();
    walk(&text[..text.floor_char_boundary(within)], 1, |at| {
        // In a broken text a value may stand where no key was.
        if at.depth == 1
            && at.in_object
            && let Some(key) = at.pointer.strip_prefix('/')
        {
            found.push(Member {
                key: Cow::Owned(unescape_pointer(key)),
                value: &text[at.offset..],
            });
        }
        ControlFlow::Continue(())
    });
    found
}

/// The lines (from 1) of the values of a JSON text, by pointer.
#[derive(Debug, Default)]
pub struct PointerLines(HashMap<Box<str>, u32>);

impl PointerLines {
    /// Scans `text` for values at most `depth` levels below the root.
    #[must_use]
    pub fn new(text: &str, depth: usize) -> Self {
        let mut lines = HashMap::new();
        walk(text, depth, |at| {
            lines.entry(at.pointer.into()).or_insert(at.line);
            ControlFlow::Continue(())
        });
        Self(lines)
    }

    /// Lines that another reader found.
    #[must_use]
    pub(super) fn of(lines: HashMap<Box<str>, u32>) -> Self {
        Self(lines)
    }

    /// The line of the value at `pointer`, else of the nearest value around it.
    #[must_use]
    pub fn line(&self, pointer: &str) -> Option<u32> {
        let mut pointer = pointer;
        loop {
            if let Some(line) = self.0.get(pointer) {
                return Some(*line);
            }
            pointer = &pointer[..pointer.rfind('/')?];
        }
    }
}

/// A key as one step of a JSON pointer.
#[must_use]
pub fn pointer_step(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// What is wrong with a JSON text, without quoting it: the text of serde's own errors may hold values.
#[must_use]
pub fn problem(error: &serde_json::Error) -> String {
    let at = format!("line {}, column {}", error.line(), error.column());
    match error.classify() {
        serde_json::error::Category::Eof => format!("the JSON ends in the middle, at {at}"),
        _ if error.to_string().starts_with("recursion limit exceeded") => {
            format!("the JSON is nested deeper than 128 levels at {at}")
        }
        _ => format!("it is not JSON from {at} on"),
    }
}

/// A value met by [`walk`].
pub struct At<'w> {
    /// Its pointer; the root's is empty.
    pub pointer: &'w str,
    /// How many levels below the root.
    pub depth: usize,
    /// Whether it is the member of an object.
    pub in_object: bool,
    /// Byte position of its first character.
    pub offset: usize,
    /// Its line, from 1.
    pub line: u32,
}

/// Visits the values of a JSON text in order, as deep as `max_depth` levels below the root, without recursion and
/// without keeping any. It does not judge: of a broken text it visits what it can make out.
pub fn walk(text: &str, max_depth: usize, mut visit: impl FnMut(&At) -> ControlFlow<()>) {
    struct Frame {
        object: bool,
        index: usize,
        base: usize,
    }
    let bytes = text.as_bytes();
    let mut frames: Vec<Frame> = Vec::new();
    let mut pointer = String::new();
    let mut expect_key = false;
    let mut line: u32 = 1;
    let mut i = 0;
    while i < bytes.len() {
        let byte = bytes[i];
        match byte {
            b'\n' => {
                line += 1;
                i += 1;
                continue;
            }
            b' ' | b'\t' | b'\r' => {
                i += 1;
                continue;
            }
            b':' => {
                expect_key = false;
                i += 1;
                continue;
            }
            b',' => {
                if let Some(frame) = frames.last_mut() {
                    expect_key = frame.object;
                    frame.index += 1;
                }
                i += 1;
                continue;
            }
            b'}' | b']' => {
                if let Some(frame) = frames.pop() {
                    pointer.truncate(frame.base);
                }
                expect_key = false;
                i += 1;
                continue;
            }
            b'"' if expect_key => {
                let Some(end) = string_end(bytes, i) else { return };
                let key: String = serde_json::from_str(&text[i..end]).unwrap_or_default();
                if let Some(frame) = frames.last() {
                    pointer.truncate(frame.base);
                    pointer.push('/');
                    pointer.push_str(&pointer_step(&key));
                }
                i = end;
                continue;
            }
            _ => {}
        }
        // A value begins here.
        let in_object = frames.last().is_some_and(|f| f.object);
        if let Some(frame) = frames.last()
            && !frame.object
        {
            pointer.truncate(frame.base);
            pointer.push('/');
            pointer.push_str(&frame.index.to_string());
        }
        let at = At {
            pointer: &pointer,
            depth: frames.len(),
            in_object,
            offset: i,
            line,
        };
        if visit(&at).is_break() {
            return;
        }
        if matches!(byte, b'{' | b'[') && frames.len() < max_depth {
            frames.push(Frame {
                object: byte == b'{',
                index: 0,
                base: pointer.len(),
            });
            expect_key = byte == b'{';
            i += 1;
        } else {
            let end = value_end(bytes, i);
            line += bytes[i..end].iter().filter(|b| **b == b'\n').count() as u32;
            i = end;
        }
    }
}

/// Where the string that begins at `start` ends (after its closing quote); `None` where it never does.
fn string_end(bytes: &[u8], start: usize) -> Option<usize> {
    if bytes.get(start) != Some(&b'"') {
        return None;
    }
    let mut i = start + 1;
    loop {
        i = skip(bytes, i, [(0, b'"'), (0, b'\\')]);
        match bytes.get(i)? {
            b'\\' => i += 2,
            b'"' => return Some(i + 1),
            _ => i += 1,
        }
    }
}

/// The position of the next of some bytes, or one close before it: what lies between is looked at eight bytes at a time,
/// for long texts and indentation are the most of many files. Bytes are sought as they are with some bits set.
#[inline]
fn skip<const N: usize>(bytes: &[u8], mut i: usize, sought: [(u8, u8); N]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    while let Some(eight) = bytes.get(i..).and_then(<[u8]>::first_chunk::<8>) {
        let eight = u64::from_le_bytes(*eight);
        // The lowest high bit that is set is that of the first byte that is sought; those above it may be wrong.
        let found = sought.iter().fold(0, |found, (set, byte)| {
            let differs = (eight | (ONES * u64::from(*set))) ^ (ONES * u64::from(*byte));
            found | (differs.wrapping_sub(ONES) & !differs & (ONES << 7))
        });
        if found != 0 {
            return i + (found.trailing_zeros() / 8) as usize;
        }
        i += 8;
    }
    i
}

/// What a byte is to who looks for the end of a value.
const PLAIN: u8 = 0;
const QUOTE: u8 = 1;
const OPENS: u8 = 2;
const CLOSES: u8 = 3;
const PARTS: u8 = 4;

const CLASS: [u8; 256] = {
    let mut class = [PLAIN; 256];
    class[b'"' as usize] = QUOTE;
    class[b'{' as usize] = OPENS;
    class[b'[' as usize] = OPENS;
    class[b'}' as usize] = CLOSES;
    class[b']' as usize] = CLOSES;
    let parts = b",: \t\r\n";
    let mut i = 0;
    while i < parts.len() {
        class[parts[i] as usize] = PARTS;
        i += 1;
    }
    class
};

/// Where the value that begins at `start` ends; the end of the text where it never does.
fn value_end(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0usize;
    let mut i = start;
    loop {
        if depth > 0 {
            // Square brackets are the curly ones without a bit.
            i = skip(bytes, i, [(0, b'"'), (0x20, b'{'), (0x20, b'}')]);
        }
        let Some(byte) = bytes.get(i) else { return bytes.len() };
        match CLASS[*byte as usize] {
            QUOTE => {
                let Some(end) = string_end(bytes, i) else {
                    return bytes.len();
                };
                i = end;
                if depth == 0 {
                    return i;
                }
                continue;
            }
            OPENS => depth += 1,
            CLOSES => {
                if depth == 0 {
                    return i;
                }
                depth -= 1;
                if depth == 0 {
                    return i + 1;
                }
            }
            PARTS if depth == 0 && i > start => return i,
            _ => {}
        }
        i += 1;
    }
}

fn unescape_pointer(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_where_no_key_was_is_no_member() {
        let keys = |text| {
            members(text, 100)
                .into_iter()
                .map(|m| m.key.into_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(keys("{5, \"a\": 1}"), ["a"]);
        assert_eq!(keys("{[1], \"b\": {\"c\": 1}"), ["b"]);
        assert_eq!(keys("{\"a~1b\": 1}"), ["a~1b"]);
    }

    /// As [`string_end`], a byte at a time.
    fn plain_string_end(bytes: &[u8], start: usize) -> Option<usize> {
        let mut i = start + 1;
        while bytes.get(start) == Some(&b'"') {
            match bytes.get(i)? {
                b'\\' => i += 2,
                b'"' => return Some(i + 1),
                _ => i += 1,
            }
        }
        None
    }

    /// As [`value_end`], a byte at a time.
    fn plain_value_end(bytes: &[u8], start: usize) -> usize {
        let (mut depth, mut i) = (0, start);
        while i < bytes.len() {
            match bytes[i] {
                b'"' => {
                    i = plain_string_end(bytes, i).unwrap_or(bytes.len());
                    if depth == 0 || i == bytes.len() {
                        return i;
                    }
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth == 0 => return i,
                b'}' | b']' => {
                    depth -= 1;
                    if depth == 0 {
                        return i + 1;
                    }
                }
                b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' if depth == 0 && i > start => return i,
                _ => {}
            }
            i += 1;
        }
        bytes.len()
    }

    #[test]
    fn ends_are_found_as_a_byte_at_a_time_finds_them() {
        // What differs from a byte that is sought in one bit is among these, and what is beside it in number.
        let bytes = b"\"\"\\{}[]{}[]:, \nab;_\x01\x02!#Z|~\x5e\x7f\xa2\xdb\xdd\xfb\xfd";
        let mut state = 1_u64;
        let mut found = 0;
        for _ in 0..20_000 {
            let mut next = || {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                (state >> 33) as usize
            };
            let (len, plain) = (next() % 60, next() % 4);
            let text: Vec<u8> = (0..len)
                .map(|_| {
                    if next() % 4 < plain {
                        b'a'
                    } else {
                        bytes[next() % bytes.len()]
                    }
                })
                .collect();
            for start in [0, 1, 7, 8] {
                let end = string_end(&text, start);
                assert_eq!(end, plain_string_end(&text, start), "{text:?} from {start}");
                found += usize::from(end.is_some());
                if start < len {
                    assert_eq!(
                        value_end(&text, start),
                        plain_value_end(&text, start),
                        "{text:?} from {start}"
                    );
                }
            }
        }
        assert!(found > 1000, "{found}");
    }
}
