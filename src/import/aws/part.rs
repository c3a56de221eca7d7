//! One statement to the scopes it allows or what it denies, for one caller.

use super::condition::{Compare, Operator, Quantifier, Truth, decide, in_words};
use super::context::{Context, Filled, fill};
use super::document::{Condition, Side, Statement};
use super::patterns::set;
use crate::model::{List, Text, glob};

/// More patterns than this in one statement are not written out; a real document cannot hold so many.
const PATTERNS_AT_MOST: usize = 50_000;

/// One way of being spared by a denial, or of lying within a boundary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Way {
    /// Nothing outside these.
    pub within: Option<List>,
    /// Nothing of these.
    pub except: List,
    /// Whether the export decides that it is open.
    pub certain: bool,
}

/// A statement under one reading of its conditions: all of it, but for passing roles, where the service a role is
/// passed to is part of the act.
pub struct Part {
    /// Whether its conditions hold.
    pub truth: Truth,
    /// Only the passing of roles, to these services.
    to_services: Option<Vec<String>>,
    /// Everything but the passing of roles.
    no_passing: bool,
}

/// What a part allows.
#[derive(Clone, Debug, Default)]
pub struct PartAllows {
    /// These scopes.
    pub scopes: Vec<Text>,
    /// Scopes wider than what is allowed, since a variable's value is not known.
    pub wide: Vec<Text>,
    /// But for these.
    pub except: Vec<Text>,
    /// And perhaps but for these, which are wider than what is excepted.
    pub perhaps_except: Vec<Text>,
}

/// What a Deny denies; in lists that are sorted sets.
#[derive(Clone, Debug)]
pub enum Denied {
    /// Nothing that can be asked for.
    Nothing,
    /// What matches these; what only `perhaps` matches is wider than what is denied.
    Patterns { sure: List, perhaps: List },
    /// Everything, but for what one of these ways spares; they spare too little where `wide`.
    AllBut { ways: Vec<Way>, wide: bool },
}

const PASS_ROLE: &str = "iam:PassRole";
const PASSED_TO: &str = "iam:passedtoservice";

/// Splits a statement by what its conditions say of passing roles.
pub fn parts(statement: &Statement, context: &Context) -> Vec<Part> {
    if !statement
        .conditions
        .iter()
        .any(|c| c.key.eq_ignore_ascii_case(PASSED_TO))
    {
        return vec![Part {
            truth: decide(&statement.conditions, statement.variables, statement.allow, context),
            to_services: None,
            no_passing: false,
        }];
    }
    let of = |conditions: &[Condition]| decide(conditions, statement.variables, statement.allow, context);
    let whole = |truth| Part {
        truth,
        to_services: None,
        no_passing: false,
    };
    let (passing, others): (Vec<&Condition>, Vec<&Condition>) = statement
        .conditions
        .iter()
        .partition(|c| c.key.eq_ignore_ascii_case(PASSED_TO));
    let others: Vec<Condition> = others.into_iter().cloned().collect();
    let [passed_to] = passing.as_slice() else {
        return vec![whole(of(&statement.conditions))];
    };
    let passes = match &statement.actions {
        Side::Only(actions) => actions.iter().any(|a| is_passing(a)),
        Side::AllBut(actions) => !actions.iter().any(|a| is_passing(a)),
    };
    let operator = Operator::parse(&passed_to.operator);
    let plain = operator.filter(|o| {
        !o.negated
            && matches!(o.compare, Compare::Equals | Compare::Like)
            && !passed_to.unreadable
            && matches!(statement.actions, Side::Only(_))
    });
    let truth = of(&others);
    let Some(operator) = plain.filter(|_| passes) else {
        return vec![whole(of(&statement.conditions))];
    };
    let mut parts = vec![Part {
        truth,
        to_services: Some(passed_to.values.clone()),
        no_passing: false,
    }];
    // In any other request the key is absent.
    if operator.if_exists || operator.quantifier == Quantifier::All {
        parts.push(Part {
            truth,
            to_services: None,
            no_passing: true,
        });
    }
    parts
}

/// What a statement allows whoever asks, where it is an Allow without conditions or variables; worked out once.
pub fn plainly(statement: &Statement) -> Option<&PartAllows> {
    if !statement.allow || !statement.conditions.is_empty() {
        return None;
    }
    let work_out = || (!varies(statement)).then(|| Box::new(WHOLE.allowed(statement, &Context::default())));
    statement.plainly.get_or_init(work_out).as_deref()
}

/// What a statement denies whoever asks, where it is a Deny without conditions or variables; worked out once.
pub fn plainly_denied(statement: &Statement) -> Option<&Denied> {
    if statement.allow || !statement.conditions.is_empty() {
        return None;
    }
    let work_out = || (!varies(statement)).then(|| Box::new(WHOLE.denied(statement, &Context::default())));
    statement.plainly_denied.get_or_init(work_out).as_deref()
}

/// All of a statement whose conditions hold.
const WHOLE: Part = Part {
    truth: Truth::True,
    to_services: None,
    no_passing: false,
};

/// Whether it depends on who asks what a statement is about.
fn varies(statement: &Statement) -> bool {
    let (Side::Only(resources) | Side::AllBut(resources)) = &statement.resources;
    statement.variables && resources.iter().any(|r| r.contains("${"))
}

/// Whether an act's pattern takes in the passing of roles.
fn is_passing(action: &str) -> bool {
    if !glob::is_pattern(action) {
        return action.eq_ignore_ascii_case(PASS_ROLE);
    }
    let prefix = glob::literal_prefix(action);
    let begins = PASS_ROLE
        .get(..prefix.len())
        .is_some_and(|p| p.eq_ignore_ascii_case(prefix));
    begins && glob::matches(&action.to_ascii_lowercase(), &PASS_ROLE.to_ascii_lowercase())
}

impl Part {
    /// What it allows, where it is an Allow.
    pub fn allowed(&self, statement: &Statement, context: &Context) -> PartAllows {
        let resources = filled(&statement.resources, statement.variables, context);
        let mut out = PartAllows::default();
        let actions = match &statement.actions {
            Side::Only(actions) => self.acts(actions),
            Side::AllBut(actions) => {
                for act in acts(actions) {
                    let perhaps = act.contains('?');
                    let list = if perhaps {
                        &mut out.perhaps_except
                    } else {
                        &mut out.except
                    };
                    list.push(format!("{}@*", starred(&act)).into());
                }
                vec!["*".to_owned()]
            }
        };
        let (known, wide) = match &statement.resources {
            Side::Only(_) => (resources.known, resources.wide),
            Side::AllBut(_) => {
                for resource in resources.known {
                    let perhaps = resource.contains('?');
                    let list = if perhaps {
                        &mut out.perhaps_except
                    } else {
                        &mut out.except
                    };
                    list.push(format!("*@{}", starred(&resource)).into());
                }
                let wide = resources.wide.iter().map(|r| format!("*@{}", starred(r)).into());
                out.perhaps_except.extend(wide);
                (vec!["*".to_owned()], Vec::new())
            }
        };
        if self.no_passing && actions.iter().any(|a| is_passing(a)) {
            out.except.push(format!("{PASS_ROLE}/*@*").into());
        }
        if actions.len().saturating_mul(known.len() + wide.len()) > PATTERNS_AT_MOST {
            out.wide = product(&actions, &["*".to_owned()]);
        } else {
            out.scopes = product(&actions, &known);
            out.wide = product(&actions, &wide);
        }
        out
    }

    /// What it denies, where it is a Deny.
    pub fn denied(&self, statement: &Statement, context: &Context) -> Denied {
        let resources = filled(&statement.resources, statement.variables, context);
        match (&statement.actions, &statement.resources) {
            (Side::Only(actions), Side::Only(_)) => {
                let actions = self.acts(actions);
                let (mut sure, mut perhaps) = (Vec::new(), Vec::new());
                let all = resources
                    .known
                    .iter()
                    .map(|r| (r, false))
                    .chain(resources.wide.iter().map(|r| (r, true)));
                let too_many = actions
                    .len()
                    .saturating_mul(resources.known.len() + resources.wide.len())
                    > PATTERNS_AT_MOST;
                for (resource, wide) in all {
                    for act in &actions {
                        let act_is_wide = act.contains('?');
                        if too_many {
                            perhaps.push(format!("{}@*", starred(act)));
                            continue;
                        }
                        let pattern = format!("{}@{}", starred(act), starred(resource));
                        if wide || act_is_wide || resource.contains('?') {
                            perhaps.push(pattern);
                        } else {
                            sure.push(pattern);
                        }
                    }
                    if too_many {
                        break;
                    }
                }
                if sure.is_empty() && perhaps.is_empty() {
                    return Denied::Nothing;
                }
                Denied::Patterns {
                    sure: set(sure),
                    perhaps: set(perhaps),
                }
            }
            (actions, _) => {
                // Spared is what is on neither side.
                let mut wide = !resources.wide.is_empty();
                let mut certain_ways = Vec::new();
                let on_all = matches!(&statement.resources, Side::Only(_)) && resources.known.iter().any(|r| r == "*");
                match actions {
                    Side::AllBut(spared) => {
                        // `?` widens what is spared; the certain grants must not have more for it.
                        wide |= spared.iter().any(|a| a.contains('?'));
                        let exact: Vec<String> = acts(spared)
                            .into_iter()
                            .filter(|a| !a.contains('?'))
                            .map(|a| format!("{a}@*"))
                            .collect();
                        certain_ways.push(Way {
                            within: Some(set(exact)),
                            except: List::new(),
                            certain: true,
                        });
                    }
                    Side::Only(denied) => {
                        wide |= denied.iter().any(|a| a.contains('?'));
                        certain_ways.push(Way {
                            within: None,
                            except: set(self.acts(denied).iter().map(|a| format!("{}@*", starred(a)))),
                            certain: true,
                        });
                    }
                }
                match &statement.resources {
                    Side::AllBut(_) => {
                        wide |= resources.known.iter().any(|r| r.contains('?'));
                        let within: Vec<String> = resources
                            .known
                            .iter()
                            .filter(|r| !r.contains('?'))
                            .map(|r| format!("*@{r}"))
                            .collect();
                        certain_ways.push(Way {
                            within: Some(set(within)),
                            except: List::new(),
                            certain: true,
                        });
                    }
                    Side::Only(_) if on_all => {}
                    Side::Only(_) => {
                        wide |= resources.known.iter().any(|r| r.contains('?'));
                        let except = resources
                            .known
                            .iter()
                            .chain(&resources.wide)
                            .map(|r| format!("*@{}", starred(r)));
                        certain_ways.push(Way {
                            within: None,
                            except: set(except),
                            certain: true,
                        });
                    }
                }
                Denied::AllBut {
                    ways: certain_ways,
                    wide,
                }
            }
        }
    }

    /// Acts with the form that the passing of roles has.
    fn acts(&self, actions: &[String]) -> Vec<String> {
        match &self.to_services {
            Some(services) => services.iter().map(|s| format!("{PASS_ROLE}/{s}")).collect(),
            None => acts(actions),
        }
    }
}

/// A text with each of AWS's wildcards as the one that patterns have.
fn starred(text: &str) -> String {
    if !text.contains('?') && !text.contains("**") {
        return text.to_owned();
    }
    let mut out = text.replace('?', "*");
    while out.contains("**") {
        out = out.replace("**", "*");
    }
    out
}

/// Services whose acts are asked for on things of their own alone. Of others that is not so: `sts:AssumeRole` is asked
/// for on roles of IAM, `ssm:SendCommand` on instances of EC2. After the Service Authorization Reference.
const TO_THEMSELVES: [&str; 10] = [
    "dynamodb",
    "ecr",
    "iam",
    "kms",
    "lambda",
    "logs",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
];

/// Whether an act can be asked for on a resource at all. People write policies with the acts and the things of several
/// services in one statement, and of what that makes most is nothing anybody can do.
fn can_be_asked(act: &str, resource: &str) -> bool {
    let service = act.split_once(':').map(|(service, _)| service);
    let Some(service) = service.and_then(|s| TO_THEMSELVES.iter().find(|own| s.eq_ignore_ascii_case(own))) else {
        return true;
    };
    let mut steps = resource.split(':');
    let (begin, of) = (steps.next(), steps.nth(1));
    begin != Some("arn") || of.is_none_or(|of| glob::is_pattern(of) || of.contains('$') || of == *service)
}

/// Every act on every resource it can be asked for on; `?` is `*` where something is allowed.
fn product(acts: &[String], resources: &[String]) -> Vec<Text> {
    let resources: Vec<String> = resources.iter().map(|r| starred(r)).collect();
    let mut out = Vec::new();
    for act in acts {
        let act = starred(act);
        let own = resources.iter().filter(|resource| can_be_asked(&act, resource));
        out.extend(own.map(|resource| Text::from([act.as_str(), "@", resource].concat())));
    }
    out.shrink_to_fit();
    out
}

/// Acts as scopes have them: the passing of roles names the service it is passed to.
fn acts(actions: &[String]) -> Vec<String> {
    let mut out = Vec::with_capacity(actions.len());
    for action in actions {
        let action = action.trim();
        if action.contains('@') || action.is_empty() {
            // No act has it, and a scope could not tell it from its own.
            continue;
        }
        if action == "*" || action == "*:*" {
            out.push("*".to_owned());
            continue;
        }
        if is_passing(action) && !action.ends_with('*') {
            out.push(format!("{PASS_ROLE}/*"));
            if action.eq_ignore_ascii_case(PASS_ROLE) {
                continue;
            }
        }
        out.push(action.to_owned());
    }
    out
}

/// Resources with variables filled in.
struct FilledResources {
    known: Vec<String>,
    wide: Vec<String>,
}

fn filled(side: &Side, variables: bool, context: &Context) -> FilledResources {
    let (Side::Only(resources) | Side::AllBut(resources)) = side;
    let mut out = FilledResources {
        known: Vec::new(),
        wide: Vec::new(),
    };
    for resource in resources {
        match fill(resource.trim(), variables, context) {
            Filled::Known(text) => out.known.push(text),
            Filled::Wide(text) => out.wide.push(text),
            Filled::Nothing => {}
        }
    }
    out
}

/// A statement in one line, for the attributes of whom it does not help or hinder.
pub fn statement_in_words(statement: &Statement) -> String {
    let side = |side: &Side| {
        let (list, not) = match side {
            Side::Only(list) => (list, ""),
            Side::AllBut(list) => (list, "all but "),
        };
        let shown: Vec<&str> = list.iter().take(5).map(String::as_str).collect();
        let more = if list.len() > shown.len() {
            format!(" and {} more", list.len() - shown.len())
        } else {
            String::new()
        };
        format!("{not}{}{more}", shown.join(", "))
    };
    let conditions: Vec<String> = statement.conditions.iter().map(in_words).collect();
    format!(
        "{} {} on {} if {}",
        if statement.allow { "Allow" } else { "Deny" },
        side(&statement.actions),
        side(&statement.resources),
        conditions.join(" and ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_act_is_allowed_where_it_can_be_asked_for() {
        let acts = [
            "secretsmanager:GetSecretValue",
            "SNS:Publish",
            "s3:Get*",
            "ssm:StartSession",
            "*",
            "s*:Get",
        ];
        let acts = acts.map(str::to_owned);
        let of = |resource: &str| -> Vec<String> {
            let all = product(&acts, &[resource.to_owned()]);
            all.iter()
                .filter_map(|scope| Some(scope.split_once('@')?.0.to_owned()))
                .collect()
        };
        assert_eq!(of("*"), acts);
        assert_eq!(of("arn:aws:*:eu-west-1:123456789012:*"), acts);
        assert_eq!(of("arn:*"), acts);
        assert_eq!(
            of("arn:aws-cn:s3:::data/*"),
            ["s3:Get*", "ssm:StartSession", "*", "s*:Get"]
        );
        assert_eq!(
            of("arn:aws:sns:eu-west-1:123456789012:a:b"),
            ["SNS:Publish", "ssm:StartSession", "*", "s*:Get"]
        );
        assert_eq!(
            of("arn:aws:ec2:eu-west-1:123456789012:instance/i-1"),
            ["ssm:StartSession", "*", "s*:Get"]
        );
        assert_eq!(of("arn:aws:s?s:eu-west-1:123456789012:a"), acts);
        // What is no ARN is left to whoever reads it.
        assert_eq!(of("data"), acts);
    }
}
