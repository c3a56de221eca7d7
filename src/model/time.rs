//! Times: RFC 3339 in, `YYYY-MM-DDTHH:MM:SSZ` out (a fraction only if it is not zero).

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// An instant, to the nanosecond, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(Timestamp);

impl Time {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(Timestamp::UNIX_EPOCH);

    /// The present. Only the border (command line, session) asks for it; nothing below reads a clock.
    #[must_use]
    pub fn now() -> Self {
        // Whole seconds: a report says to the second when it was made.
        Self(Timestamp::from_second(Timestamp::now().as_second()).unwrap_or(Timestamp::UNIX_EPOCH))
    }

    /// Seconds since 1970-01-01T00:00:00Z, rounded towards zero.
    #[must_use]
    pub fn unix_secs(self) -> i64 {
        self.0.as_second()
    }

    /// The instant `secs` seconds after 1970-01-01T00:00:00Z, where that is within the years 1 to 9999.
    #[must_use]
    pub fn from_unix_secs(secs: i64) -> Option<Self> {
        Timestamp::from_second(secs).ok().map(Self)
    }

    /// This instant moved by whole days (of 86,400 s), held within what can be written.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        let moved = self.0.as_second().saturating_add(days.saturating_mul(86_400));
        match Timestamp::new(moved, self.0.subsec_nanosecond()) {
            Ok(t) => Self(t),
            Err(_) if days < 0 => Self(Timestamp::MIN),
            Err(_) => Self(Timestamp::MAX),
        }
    }
}

impl FromStr for Time {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // jiff takes more than RFC 3339 does: a time without seconds, a zone's name.
        let read = if is_rfc_3339(text) {
            text.parse::<Timestamp>().ok()
        } else {
            None
        };
        read.map(Self).ok_or_else(|| {
            format!(
                "expected a time such as 2026-05-01T00:00:00Z, found \"{}\"",
                text.escape_debug()
            )
        })
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // jiff prints a fraction only where there is one.
        write!(f, "{}", self.0)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Whether a text has the shape of an RFC 3339 time: date, `T`, time with seconds, perhaps a fraction, `Z` or an offset.
fn is_rfc_3339(text: &str) -> bool {
    let shape: String = text
        .chars()
        .map(|c| match c {
            '0'..='9' => '0',
            't' | ' ' => 'T',
            'z' => 'Z',
            '-' => '+',
            other => other,
        })
        .collect();
    let Some(rest) = shape.strip_prefix("0000+00+00T00:00:00") else {
        return false;
    };
    let zone = match rest.strip_prefix('.') {
        None => rest,
        Some(fraction) => {
            let zone = fraction.trim_start_matches('0');
            if zone.len() == fraction.len() {
                return false;
            }
            zone
        }
    };
    // The hyphen of a date was mapped to `+`, so an offset has one shape.
    zone == "Z" || zone == "+00:00"
}
