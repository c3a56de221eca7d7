//! Numbers and lists as a person would write them.

/// `1,204`.
#[must_use]
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// `1 system`, `1,204 systems`.
#[must_use]
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(n), if n == 1 { one } else { many })
}

/// `a`, `a and b`, `a, b and c`; past `most` of them `a, b and 3 more`.
#[must_use]
pub fn list(items: &[&str], most: usize) -> String {
    match items {
        [] => "nothing".to_owned(),
        [one] => (*one).to_owned(),
        many if many.len() > most.max(1) => {
            let (shown, rest) = many.split_at(most.max(1));
            format!("{} and {} more", shown.join(", "), rest.len())
        }
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
