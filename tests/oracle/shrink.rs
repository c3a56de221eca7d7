//! Makes a failing case small enough to read: drops records, actions, seeds, fields and list elements for as long as
//! the failure stays.

use super::random::Case;
use serde_json::Value;

/// The smallest case found on which `fails` still says so. The case given must fail.
pub fn shrink(mut case: Case, fails: &dyn Fn(&Case) -> bool) -> Case {
    loop {
        let before = case.clone();
        without_scenario(&mut case, fails);
        fewer_seeds(&mut case, fails);
        fewer_elements(&mut case, fails, &mut |c| c.scenario.as_mut(), &["actions"]);
        for kind in super::doc::RELATIONS.iter().chain(super::doc::ENTITIES.iter().rev()) {
            fewer_elements(&mut case, fails, &mut |c| Some(&mut c.inventory), &[kind]);
        }
        simpler(&mut case, fails, &mut |c| Some(&mut c.inventory));
        simpler(&mut case, fails, &mut |c| c.scenario.as_mut());
        if case == before {
            return case;
        }
    }
}

/// Tries a changed case and keeps it where it still fails.
fn attempt(case: &mut Case, fails: &dyn Fn(&Case) -> bool, change: impl FnOnce(&mut Case)) -> bool {
    let mut changed = case.clone();
    change(&mut changed);
    let keep = changed != *case && fails(&changed);
    if keep {
        *case = changed;
    }
    keep
}

fn without_scenario(case: &mut Case, fails: &dyn Fn(&Case) -> bool) {
    attempt(case, fails, |c| c.scenario = None);
}

fn fewer_seeds(case: &mut Case, fails: &dyn Fn(&Case) -> bool) {
    let mut n = 0;
    while case.seeds.len() > 1 && n < case.seeds.len() {
        if !attempt(case, fails, |c| drop(c.seeds.remove(n))) {
            n += 1;
        }
    }
}

type Part<'a> = &'a mut dyn FnMut(&mut Case) -> Option<&mut Value>;

fn at<'a>(root: Option<&'a mut Value>, path: &[&str]) -> Option<&'a mut Value> {
    path.iter().try_fold(root?, |value, step| match value {
        Value::Array(all) => all.get_mut(step.parse::<usize>().ok()?),
        Value::Object(members) => members.get_mut(*step),
        _ => None,
    })
}

/// Drops elements of one list: halves first, then ever smaller runs.
fn fewer_elements(case: &mut Case, fails: &dyn Fn(&Case) -> bool, part: Part, path: &[&str]) {
    let length = |case: &mut Case, part: Part| {
        at(part(case), path)
            .and_then(|v| v.as_array().map(Vec::len))
            .unwrap_or(0)
    };
    let mut run = length(case, part).div_ceil(2);
    while run > 0 {
        let mut start = 0;
        while start < length(case, part) {
            let dropped = attempt(case, fails, |c| {
                if let Some(list) = at(part(c), path).and_then(Value::as_array_mut) {
                    list.drain(start..(start + run).min(list.len()));
                }
            });
            if !dropped {
                start += run;
            }
        }
        run = if run == 1 { 0 } else { run.div_ceil(2) };
    }
}

/// Drops members and list elements anywhere below the records.
fn simpler(case: &mut Case, fails: &dyn Fn(&Case) -> bool, part: Part) {
    let mut paths = Vec::new();
    if let Some(root) = part(&mut case.clone()) {
        collect(root, &mut Vec::new(), &mut paths);
    }
    for path in paths {
        let Some((last, parents)) = path.split_last() else {
            continue;
        };
        let parents: Vec<&str> = parents.iter().map(String::as_str).collect();
        if parents.is_empty() || needed(&parents, last) {
            continue;
        }
        attempt(case, fails, |c| match at(part(c), &parents) {
            Some(Value::Object(members)) => drop(members.remove(last)),
            Some(Value::Array(elements)) => {
                if let Some(n) = last.parse::<usize>().ok().filter(|n| *n < elements.len()) {
                    elements.remove(n);
                }
            }
            _ => {}
        });
    }
}

/// What a record must have stays, since dropping it would show another failure.
fn needed(parents: &[&str], member: &str) -> bool {
    let must: &[&str] = match parents[0] {
        "systems" | "identities" | "credentials" => &["id"],
        "grants" => &["holder", "system", "scopes"],
        "exposures" => &["system", "credential", "identity", "context", "yields"],
        "inherits" => &["from", "to", "system", "scope"],
        "trusts" => &["from", "to", "scopes"],
        _ => &[
            "action",
            "credential",
            "identity",
            "system",
            "grant",
            "exposure",
            "inherit",
            "trust",
            "expires_at",
        ],
    };
    must.contains(&member)
}

/// Every path below a value, the last elements of a list first so that earlier positions stay true.
fn collect(value: &Value, here: &mut Vec<String>, out: &mut Vec<Vec<String>>) {
    let mut step = |name: String, inner: &Value, here: &mut Vec<String>| {
        here.push(name);
        out.push(here.clone());
        collect(inner, here, out);
        here.pop();
    };
    match value {
        Value::Array(all) => {
            for (n, inner) in all.iter().enumerate().rev() {
                step(n.to_string(), inner, here);
            }
        }
        Value::Object(members) => {
            for (name, inner) in members {
                step(name.clone(), inner, here);
            }
        }
        _ => {}
    }
}
