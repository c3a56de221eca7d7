//! Two inventories compared: what appeared, went and changed, and what that did to the radii.

mod loading;

use loading::inventory;
use trustmap::analysis::{ByKind, Diff, KINDS, Never, diff};
use trustmap::graph::{Regime, Settings, TrustGraph};

fn compared(old: &str, new: &str) -> Diff {
    let graph = |text: &str| TrustGraph::build(loading::load(&[text]).inventory.clone());
    let settings = Settings {
        as_of: "2026-05-01T00:00:00Z".parse().expect("a time"),
        regime: Regime::WorstCase,
    };
    diff(&graph(old), &graph(new), settings, &Never).expect("nobody cancels")
}

/// `kind id`, one after the other.
fn said(lists: &ByKind) -> Vec<String> {
    KINDS
        .iter()
        .zip(lists)
        .flat_map(|(kind, ids)| ids.iter().map(move |id| format!("{kind} {id}")))
        .collect()
}

#[track_caller]
fn check(old: &str, new: &str, added: &[&str], removed: &[&str], changed: &[&str]) {
    let found = compared(&inventory(old), &inventory(new));
    assert_eq!(said(&found.added), added, "added");
    assert_eq!(said(&found.removed), removed, "removed");
    assert_eq!(said(&found.changed), changed, "changed");
    // The other way round what was added is removed, and a relation keeps the name it has in the new one.
    let back = compared(&inventory(new), &inventory(old));
    assert_eq!(
        (said(&back.added), said(&back.removed)),
        (said(&found.removed), said(&found.added))
    );
    assert_eq!(said(&back.changed).len(), changed.len());
}

const ENDS: &str =
    r#""systems": [{"id": "s"}], "identities": [{"id": "i"}], "credentials": [{"id": "c", "identity": "i"}]"#;

/// The ends with one grant.
fn granted(grant: &str) -> String {
    format!(r#"{ENDS}, "grants": [{grant}]"#)
}

#[test]
fn nothing_differs_from_itself() {
    let text = inventory(&granted(r#"{"holder": "i", "system": "s", "scopes": ["a"]}"#));
    assert!(compared(&text, &text).is_empty());
}

#[test]
fn entities_come_go_and_change() {
    check(
        r#""systems": [{"id": "a"}]"#,
        r#""systems": [{"id": "b"}]"#,
        &["systems b"],
        &["systems a"],
        &[],
    );
    check(
        r#""systems": [{"id": "a", "owner": "x"}, {"id": "b", "tags": ["t", "u"]}]"#,
        r#""systems": [{"id": "b", "tags": ["u", "t"]}, {"id": "a", "owner": "y"}]"#,
        &[],
        &[],
        &["systems a"],
    );
    // The same id for another kind is another thing.
    check(
        r#""systems": [{"id": "a"}]"#,
        r#""identities": [{"id": "a"}]"#,
        &["identities a"],
        &["systems a"],
        &[],
    );
}

#[test]
fn relations_are_followed_by_their_ends() {
    let one = granted(r#"{"holder": "i", "system": "s", "scopes": ["a"]}"#);
    check(ENDS, &one, &["grants grant:i->s"], &[], &[]);
    check(
        &one,
        &granted(r#"{"holder": "i", "system": "s", "scopes": ["b"]}"#),
        &[],
        &[],
        &["grants grant:i->s"],
    );
    check(
        &one,
        &granted(r#"{"holder": "i", "system": "s", "scopes": ["a"], "last_used_at": "2026-04-01T00:00:00Z"}"#),
        &[],
        &[],
        &["grants grant:i->s"],
    );
    // A stated id is followed though the ends change.
    check(
        &granted(r#"{"id": "g", "holder": "i", "system": "s", "scopes": ["a"]}"#),
        &granted(r#"{"id": "g", "holder": "c", "system": "s", "scopes": ["a"]}"#),
        &[],
        &[],
        &["grants g"],
    );
}

#[test]
fn a_second_relation_between_two_ends_does_not_rename_the_first() {
    let one = granted(r#"{"holder": "i", "system": "s", "scopes": ["a"]}"#);
    let two =
        granted(r#"{"holder": "i", "system": "s", "scopes": ["a"]}, {"holder": "i", "system": "s", "scopes": ["b"]}"#);
    let found = compared(&inventory(&one), &inventory(&two));
    assert_eq!(said(&found.changed), [""; 0]);
    assert_eq!(said(&found.removed), [""; 0]);
    let added = said(&found.added);
    assert_eq!(added.len(), 1);
    assert!(added[0].starts_with("grants grant:i->s#"), "{added:?}");
}

#[test]
fn radii_before_and_after() {
    let trust = r#", "systems": [{"id": "s"}, {"id": "t"}], "trusts": [{"from": "s", "to": "t", "scopes": ["x"]}]"#;
    let rest = r#""identities": [{"id": "i"}], "credentials": [{"id": "c", "identity": "i"}, {"id": "idle"}],
        "grants": [{"holder": "i", "system": "s", "scopes": ["a"]}]"#;
    let old = inventory(&format!(r#"{rest}, "systems": [{{"id": "s"}}, {{"id": "t"}}]"#));
    let new = inventory(&format!("{rest}{trust}"));
    let found = compared(&old, &new);
    let rows: Vec<_> = found.radii.iter().map(|r| (r.id.as_str(), r.before, r.after)).collect();
    assert_eq!(rows, [("c", Some(1), Some(2))]);
    assert_eq!(found.radii[0].gained, ["t"]);
    assert_eq!(found.radii[0].lost, [""; 0]);
    // One that is revoked, or was not there, has no radius.
    let revoked = inventory(&format!("{rest}{trust}").replace(r#""id": "c", "#, r#""id": "c", "status": "revoked", "#));
    let found = compared(&new, &revoked);
    assert_eq!((found.radii[0].before, found.radii[0].after), (Some(2), None));
    assert_eq!(found.radii[0].lost, ["s", "t"]);
}
