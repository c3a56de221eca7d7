//! Times: RFC 3339 in, `YYYY-MM-DDTHH:MM:SSZ` out (a fraction only if it is not zero).

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// An instant, to the nanosecond, in UTC. Kept as the time since [`FLOOR`]: unlike a timestamp, a duration leaves room
/// for "not stated", which most times of millions of records are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(Duration);

/// Before every instant that can be written: the year -9999, in seconds since 1970.
const FLOOR: i64 = -377_705_116_800;

impl From<Timestamp> for Time {
    fn from(stamp: Timestamp) -> Self {
        let nanos = stamp.subsec_nanosecond();
        // Before 1970 the fraction is negative.
        let (secs, nanos) = match u32::try_from(nanos) {
            Ok(nanos) => (stamp.as_second(), nanos),
            Err(_) => (stamp.as_second() - 1, (1_000_000_000 + nanos).unsigned_abs()),
        };
        Self(Duration::new(secs.abs_diff(FLOOR), nanos))
    }
}

impl Time {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(Duration::new(FLOOR.unsigned_abs(), 0));

    fn stamp(self) -> Timestamp {
        let secs = FLOOR.saturating_add_unsigned(self.0.as_secs());
        // It came from a timestamp, so it is one.
        Timestamp::new(secs, self.0.subsec_nanos() as i32).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// The present. Only the border (command line, session) asks for it; nothing below reads a clock.
    #[must_use]
    pub fn now() -> Self {
        // Whole seconds: a report says to the second when it was made.
        Timestamp::from_second(Timestamp::now().as_second())
            .unwrap_or(Timestamp::UNIX_EPOCH)
            .into()
    }

    /// Seconds since 1970-01-01T00:00:00Z, rounded towards zero.
    #[must_use]
    pub fn unix_secs(self) -> i64 {
        self.stamp().as_second()
    }

    /// The instant `secs` seconds after 1970-01-01T00:00:00Z, where that is within the years 1 to 9999.
    #[must_use]
    pub fn from_unix_secs(secs: i64) -> Option<Self> {
        Timestamp::from_second(secs).ok().map(Self::from)
    }

    /// This instant moved by whole days (of 86,400 s), held within what can be written.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        let stamp = self.stamp();
        let moved = stamp.as_second().saturating_add(days.saturating_mul(86_400));
        match Timestamp::new(moved, stamp.subsec_nanosecond()) {
            Ok(t) => t.into(),
            Err(_) if days < 0 => Timestamp::MIN.into(),
            Err(_) => Timestamp::MAX.into(),
        }
    }
}

impl FromStr for Time {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(time) = plainly(text) {
            return Ok(time);
        }
        // jiff takes more than RFC 3339 does: a time without seconds, a zone's name.
        let read = if is_rfc_3339(text) {
            text.parse::<Timestamp>().ok()
        } else {
            None
        };
        read.map(Self::from).ok_or_else(|| {
            format!(
                "expected a time such as 2026-05-01T00:00:00Z, found \"{}\"",
                text.escape_debug()
            )
        })
    }
}

/// An instant as nearly all are written, `YYYY-MM-DDTHH:MM:SSZ` or with `+00:00`: an export has several for each object.
fn plainly(text: &str) -> Option<Time> {
    let bytes = text.as_bytes();
    let (stamp, zone) = bytes.split_at_checked(19)?;
    let utc = matches!(zone, b"Z" | b"+00:00");
    let parted = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')]
        .iter()
        .all(|(at, sign)| stamp[*at] == *sign);
    if !utc || !parted {
        return None;
    }
    let number = |digits: std::ops::Range<usize>| {
        stamp[digits].iter().try_fold(0i64, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0'))
        })
    };
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let february = if leap { 29 } else { 28 };
    let days = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let longest = *days.get(usize::try_from(month - 1).ok()?)?;
    // The first and the last year are not whole.
    if !(1..9999).contains(&year) || !(1..=longest).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let years = year - 1;
    let before = years * 365 + years / 4 - years / 100 + years / 400;
    let of_year: i64 = days.iter().take((month - 1) as usize).sum();
    // From the first day of the year 1 to that of 1970.
    let days = before + of_year + day - 1 - 719_162;
    let secs = days * 86_400 + hour * 3600 + minute * 60 + second;
    Some(Time(Duration::from_secs(secs.abs_diff(FLOOR))))
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // jiff prints a fraction only where there is one.
        write!(f, "{}", self.stamp())
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Time({self})")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_written_plainly_are_read_as_all_are() {
        let mut read = 0;
        for year in ["0000", "0001", "1900", "1969", "1970", "2000", "2023", "2024", "9999"] {
            for month in ["00", "01", "02", "06", "12", "13"] {
                for day in ["00", "01", "28", "29", "30", "31", "32", "x1"] {
                    for clock in ["00:00:00", "23:59:59", "24:00:00", "12:60:00", "12:30:60"] {
                        let text = format!("{year}-{month}-{day}T{clock}");
                        let slowly = format!("{text}.0Z").parse::<Time>().ok();
                        for zone in ["Z", "+00:00"] {
                            let plainly = plainly(&format!("{text}{zone}"));
                            if plainly.is_some() {
                                assert_eq!(plainly, slowly, "{text}");
                                read += 1;
                            }
                        }
                    }
                }
            }
        }
        assert!(read > 400, "{read}");
        for other in [
            "2024-01-01",
            "2024-01-01T00:00:00",
            "2024-01-01 00:00:00Z",
            "2024-01-01T00:00:00+01:00",
            "é",
        ] {
            assert_eq!(plainly(other), None);
        }
    }

    #[test]
    fn what_is_written_is_what_was_read() {
        for text in [
            "1970-01-01T00:00:00Z",
            "1969-12-31T23:59:59.25Z",
            "0001-01-01T00:00:00Z",
            "0001-01-01T00:00:00.000000001Z",
            "9999-12-30T22:00:00.999999999Z",
            "2026-05-01T12:00:00.5Z",
        ] {
            let time: Time = text.parse().expect("a time");
            assert_eq!(time.to_string(), text);
            let stamp: Timestamp = text.parse().expect("a time");
            assert_eq!(time.unix_secs(), stamp.as_second(), "{text}");
            assert_eq!(Time::from(stamp), time);
            assert_eq!(time.plus_days(-3).plus_days(3), time, "{text}");
        }
        let (earlier, later) = ("1969-12-31T23:59:59.25Z", "1969-12-31T23:59:59.5Z");
        assert!(earlier.parse::<Time>() < later.parse::<Time>());
        assert_eq!(Time::EPOCH.to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(Time::from(Timestamp::MIN).stamp(), Timestamp::MIN);
        assert_eq!(Time::from(Timestamp::MAX).stamp(), Timestamp::MAX);
    }

    #[test]
    fn no_room_is_lost_where_none_is_stated() {
        assert_eq!(size_of::<Option<Time>>(), size_of::<Time>());
    }
}
