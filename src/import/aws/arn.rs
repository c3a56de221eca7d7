//! Amazon resource names, and the ids they become.

use crate::model::glob::matches;

/// The parts of an ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: &'a str,
    /// For instance `iam`.
    pub service: &'a str,
    /// An account's number; may be empty or `aws`.
    pub account: &'a str,
    /// The rest, for instance `user/x`.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// The parts, where the text has the shape of an ARN.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next()? != "arn" {
            return None;
        }
        let partition = parts.next()?;
        let service = parts.next()?;
        let _region = parts.next()?;
        Some(Self {
            partition,
            service,
            account: parts.next()?,
            resource: parts.next()?,
        })
    }

    /// The account, where it is a number.
    pub fn account_number(&self) -> Option<&'a str> {
        is_account(self.account).then_some(self.account)
    }
}

/// Whether a text is an account's number. Real ones have twelve digits; scrubbed and made-up ones often fewer.
pub fn is_account(text: &str) -> bool {
    !text.is_empty() && text.len() <= 20 && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a text is the unique id AWS shows for a principal that no longer exists (`AIDA…`, `AROA…`).
pub fn is_unique_id(text: &str) -> bool {
    text.len() >= 12
        && (text.starts_with("AIDA") || text.starts_with("AROA"))
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// The last step of a path: `x` of `role/a/b/x`.
pub fn last_step(resource: &str) -> &str {
    resource.rsplit('/').next().unwrap_or(resource)
}

/// An ARN's or an account's id in the inventory.
pub fn id(native: &str) -> String {
    format!("aws:{native}")
}

/// Id of the identity that stands for any principal of an account. The account's own id is its system's.
pub fn anyone_of(account: &str) -> String {
    format!("aws:{account}:anyone")
}

/// Id of the identity that stands for any principal of any account.
pub const ANYONE: &str = "aws:anyone";

/// As [`matches`] for ARNs: each of the six parts by itself, so that a star does not cross a colon before the resource.
pub fn matches_arn(pattern: &str, text: &str) -> bool {
    let (mut p, mut t) = (pattern.splitn(6, ':'), text.splitn(6, ':'));
    loop {
        match (p.next(), t.next()) {
            (None, None) => return true,
            (Some(p), Some(t)) if matches(p, t) => {}
            // A bare star stands for a whole ARN.
            _ => return pattern == "*",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_in_an_arn_keeps_to_its_part() {
        let role = "arn:aws:iam::111122223333:role/a/b";
        assert!(matches_arn("arn:aws:iam::*:role/*", role));
        assert!(matches_arn("*", role));
        assert!(!matches_arn("arn:aws:*:role/a/b", role));
        assert!(!matches_arn("arn:aws:iam::111122223333:user/*", role));
    }

    #[test]
    fn arns_have_six_parts_and_the_last_may_hold_colons() {
        let arn = Arn::parse("arn:aws:secretsmanager:eu-west-1:111122223333:secret:a/b").unwrap();
        assert_eq!((arn.account, arn.resource), ("111122223333", "secret:a/b"));
        assert_eq!(arn.account_number(), Some("111122223333"));
        assert_eq!(Arn::parse("arn:aws:iam::aws:policy/X").unwrap().account_number(), None);
        for odd in ["", "arn", "arn:aws:iam::1", "aws:arn:aws:iam::1:user/x"] {
            assert_eq!(Arn::parse(odd), None, "{odd}");
        }
    }

    #[test]
    fn unique_ids_are_known_by_their_prefix() {
        assert!(is_unique_id("AIDAQWERTYUIOPASDFGHJ"));
        assert!(is_unique_id("AROAQWERTYUIOPASDFGHJ"));
        for other in ["AKIAQWERTYUIOPASDFGHJ", "AIDA", "AIDAqwertyuiopasdfgh", "*"] {
            assert!(!is_unique_id(other), "{other}");
        }
    }
}
