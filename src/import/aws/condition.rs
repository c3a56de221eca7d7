//! Conditions of policy statements, in three values: they hold, they do not, or the export does not say.

use super::arn;
use super::context::{Context, Fact, Filled, fill};
use super::document::Condition;
use super::lenient::parse_time;
use crate::model::Time;
use crate::model::glob;

/// Whether something holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// It does not.
    False,
    /// The export does not say.
    Unknown,
    /// It does.
    True,
}

impl Truth {
    /// Both.
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

/// An operator without its prefix, suffix and negation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// Letter by letter.
    Equals,
    /// The same, whatever the case.
    EqualsIgnoreCase,
    /// With wildcards.
    Like,
    /// With wildcards within each part of an ARN.
    Arn,
    /// Numbers.
    Numeric(Order),
    /// Times.
    Date(Order),
    /// `true` or `false`.
    Bool,
    /// An address within a block.
    IpAddress,
    /// Whether the key is absent.
    Null,
}

/// How two values stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The same.
    Equals,
    /// Less.
    Less,
    /// Less or the same.
    LessEquals,
    /// Greater.
    Greater,
    /// Greater or the same.
    GreaterEquals,
}

/// How several values of a key are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    /// The key has one value.
    One,
    /// `ForAllValues:`
    All,
    /// `ForAnyValue:`
    Any,
}

/// An operator, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operator {
    /// Its prefix.
    pub quantifier: Quantifier,
    /// What it compares.
    pub compare: Compare,
    /// The comparison must not hold.
    pub negated: bool,
    /// It holds where the key is absent.
    pub if_exists: bool,
}

impl Operator {
    /// Takes an operator apart; nothing for one AWS does not have.
    pub fn parse(text: &str) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        let (quantifier, rest) = if let Some(rest) = lower.strip_prefix("forallvalues:") {
            (Quantifier::All, rest)
        } else if let Some(rest) = lower.strip_prefix("foranyvalue:") {
            (Quantifier::Any, rest)
        } else {
            (Quantifier::One, lower.as_str())
        };
        let (rest, if_exists) = match rest.strip_suffix("ifexists") {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let order = |text: &str| {
            Some(match text {
                "equals" => (Order::Equals, false),
                "notequals" => (Order::Equals, true),
                "lessthan" => (Order::Less, false),
                "lessthanequals" => (Order::LessEquals, false),
                "greaterthan" => (Order::Greater, false),
                "greaterthanequals" => (Order::GreaterEquals, false),
                _ => return None,
            })
        };
        let (compare, negated) = match rest {
            "stringequals" | "binaryequals" => (Compare::Equals, false),
            "stringnotequals" => (Compare::Equals, true),
            "stringequalsignorecase" => (Compare::EqualsIgnoreCase, false),
            "stringnotequalsignorecase" => (Compare::EqualsIgnoreCase, true),
            "stringlike" => (Compare::Like, false),
            "stringnotlike" => (Compare::Like, true),
            "arnequals" | "arnlike" => (Compare::Arn, false),
            "arnnotequals" | "arnnotlike" => (Compare::Arn, true),
            "bool" => (Compare::Bool, false),
            "ipaddress" => (Compare::IpAddress, false),
            "notipaddress" => (Compare::IpAddress, true),
            "null" => (Compare::Null, false),
            _ => {
                if let Some((order, negated)) = rest.strip_prefix("numeric").and_then(order) {
                    (Compare::Numeric(order), negated)
                } else {
                    let (order, negated) = rest.strip_prefix("date").and_then(order)?;
                    (Compare::Date(order), negated)
                }
            }
        };
        Some(Self {
            quantifier,
            compare,
            negated,
            if_exists,
        })
    }
}

/// Whether all conditions of a statement hold for a caller. `allow` says which way a caller's own choice counts: what
/// a caller may send satisfies an Allow, and leaves a Deny undecided.
pub fn decide(conditions: &[Condition], variables: bool, allow: bool, context: &Context) -> Truth {
    conditions.iter().fold(Truth::True, |truth, condition| {
        truth.and(decide_one(condition, variables, allow, context))
    })
}

/// Whether one condition holds.
pub fn decide_one(condition: &Condition, variables: bool, allow: bool, context: &Context) -> Truth {
    if condition.unreadable {
        return Truth::Unknown;
    }
    match Operator::parse(&condition.operator) {
        Some(operator) => {
            let fact = context.fact(&condition.key);
            holds(operator, &fact, &condition.values, allow, |value| {
                fill(value, variables, context)
            })
        }
        None => Truth::Unknown,
    }
}

/// Whether an operator holds for a fact and the values it is compared with, which `fill` completes.
pub fn holds(operator: Operator, fact: &Fact, values: &[String], allow: bool, fill: impl Fn(&str) -> Filled) -> Truth {
    if operator.compare == Compare::Null {
        return null(fact, values, allow);
    }
    match fact {
        Fact::Absent => (operator.if_exists
            || match operator.quantifier {
                Quantifier::All => true,
                Quantifier::Any => false,
                Quantifier::One => operator.negated,
            })
        .into(),
        Fact::Chosen => match allow {
            true => (operator.negated || !values.is_empty()).into(),
            false => Truth::Unknown,
        },
        Fact::Values(actual) => {
            let one = |actual: &String| {
                let any = values
                    .iter()
                    .map(|value| compare(operator.compare, actual, &fill(value)))
                    .max()
                    .unwrap_or(Truth::False);
                if operator.negated { any.not() } else { any }
            };
            match operator.quantifier {
                Quantifier::Any => actual.iter().map(one).max().unwrap_or(Truth::False),
                Quantifier::One | Quantifier::All => actual.iter().map(one).min().unwrap_or(Truth::True),
            }
        }
        Fact::Since(since) => {
            let any = values
                .iter()
                .map(|value| compare_since(operator.compare, *since, value))
                .max()
                .unwrap_or(Truth::False);
            if operator.negated { any.not() } else { any }
        }
        Fact::Unknown => {
            if !operator.negated && values.is_empty() {
                // Nothing matches an empty list, unless the key may be absent.
                return if operator.if_exists {
                    Truth::Unknown
                } else {
                    Truth::False
                };
            }
            let anything = matches!(operator.compare, Compare::Like | Compare::Arn)
                && !operator.negated
                && values.iter().any(|v| v == "*");
            if anything && operator.if_exists {
                return Truth::True;
            }
            Truth::Unknown
        }
    }
}

fn null(fact: &Fact, values: &[String], allow: bool) -> Truth {
    let wanted_absent: Vec<bool> = values.iter().filter_map(|v| parse_bool(v)).collect();
    if wanted_absent.is_empty() {
        return Truth::Unknown;
    }
    let absent = match fact {
        Fact::Absent => true,
        Fact::Values(_) | Fact::Since(_) => false,
        Fact::Chosen if allow => return Truth::True,
        Fact::Chosen | Fact::Unknown => return Truth::Unknown,
    };
    wanted_absent.contains(&absent).into()
}

fn parse_bool(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn compare(compare: Compare, actual: &str, value: &Filled) -> Truth {
    let value = match value {
        Filled::Known(value) => value,
        Filled::Wide(_) => return Truth::Unknown,
        Filled::Nothing => return Truth::False,
    };
    match compare {
        Compare::Equals => (actual == value).into(),
        Compare::EqualsIgnoreCase => (actual.to_lowercase() == value.to_lowercase()).into(),
        Compare::Like => glob::matches(value, actual).into(),
        Compare::Arn => arn::matches_arn(value, actual).into(),
        Compare::Bool => match (parse_bool(actual), parse_bool(value)) {
            (Some(a), Some(b)) => (a == b).into(),
            _ => Truth::Unknown,
        },
        Compare::Numeric(order) => match (actual.parse::<f64>(), value.parse::<f64>()) {
            (Ok(a), Ok(b)) => in_order(order, a.partial_cmp(&b)),
            _ => Truth::Unknown,
        },
        Compare::Date(order) => match (any_time(actual), any_time(value)) {
            (Some(a), Some(b)) => in_order(order, Some(a.cmp(&b))),
            _ => Truth::Unknown,
        },
        // No export says where a request comes from.
        Compare::IpAddress | Compare::Null => Truth::Unknown,
    }
}

fn in_order(order: Order, found: Option<std::cmp::Ordering>) -> Truth {
    let Some(found) = found else { return Truth::Unknown };
    match order {
        Order::Equals => found.is_eq(),
        Order::Less => found.is_lt(),
        Order::LessEquals => found.is_le(),
        Order::Greater => found.is_gt(),
        Order::GreaterEquals => found.is_ge(),
    }
    .into()
}

/// A comparison with a time that is `since` or later.
fn compare_since(compare: Compare, since: Time, value: &str) -> Truth {
    let order = match compare {
        Compare::Date(order) | Compare::Numeric(order) => order,
        _ => return Truth::Unknown,
    };
    let Some(limit) = any_time(value) else {
        return Truth::Unknown;
    };
    match order {
        Order::Greater if since > limit => Truth::True,
        Order::GreaterEquals if since >= limit => Truth::True,
        Order::Less if since >= limit => Truth::False,
        Order::LessEquals if since > limit => Truth::False,
        Order::Equals if since > limit => Truth::False,
        _ => Truth::Unknown,
    }
}

/// A time, or seconds since 1970.
fn any_time(text: &str) -> Option<Time> {
    match text.parse::<i64>() {
        Ok(secs) if text.len() > 4 => Time::from_unix_secs(secs),
        _ => parse_time(text),
    }
}

/// A condition in words, for attributes and evidence; `sts:ExternalId` is a shared secret and is not told.
pub fn in_words(condition: &Condition) -> String {
    let secret = condition.key.eq_ignore_ascii_case("sts:externalid");
    let values = if secret {
        "(not shown)".to_owned()
    } else {
        let mut values = condition.values.join(" or ");
        if values.chars().count() > 200 {
            values = values.chars().take(200).chain(['…']).collect();
        }
        values
    };
    format!("{} {} {values}", condition.key, condition.operator)
}
