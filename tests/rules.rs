//! The rules on small inventories, computed by hand; and questions that must agree with each other on random ones.

mod oracle;

use oracle::random::{self, AS_OF};
use serde_json::{Value, json};
use std::sync::Arc;
use trustmap::analysis::{Never, Radius, radius, rank, resolve_seeds};
use trustmap::graph::{Overlay, Regime, Settings, Thing, TrustGraph, World};
use trustmap::import::{LoadOptions, Source, Unheard, load_sources};
use trustmap::scenario::{Action, FlowSet, Flows, Scenario, apply, compare, preview};

fn graph(inventory: &Value) -> TrustGraph {
    let mut document = inventory.clone();
    document["format"] = json!("trustmap-inventory");
    document["version"] = json!(1);
    let source = Source::Bytes {
        name: "case".into(),
        bytes: document.to_string().into_bytes().into(),
    };
    let loaded = load_sources(&[source], &LoadOptions::default(), &Unheard).expect("the case loads");
    assert!(loaded.diagnostics.is_empty(), "{:?} of {document}", loaded.diagnostics);
    TrustGraph::build(Arc::clone(&loaded.inventory))
}

fn settings(regime: Regime) -> Settings {
    Settings {
        as_of: AS_OF.parse().expect("a time"),
        regime,
    }
}

fn seeds(graph: &TrustGraph, overlay: &mut Overlay, ids: &[&str]) -> Vec<Thing> {
    let ids: Vec<String> = ids.iter().map(|&id| id.to_owned()).collect();
    resolve_seeds(graph, overlay, &ids).expect("the seeds are known")
}

fn scenario(actions: &Value) -> Vec<Action> {
    let document = json!({"format": "trustmap-scenario", "version": 1, "actions": actions});
    Scenario::parse(&document.to_string()).expect("it can be read").actions
}

/// Ids of what is reached, systems with their hops and accesses, credentials with how they are held.
fn reached(r: &Radius) -> String {
    let systems = r.systems.iter().map(|s| {
        let access: Vec<String> = s
            .access
            .iter()
            .map(|a| match a.except.is_empty() {
                true => a.scope.clone(),
                false => format!("{} less {}", a.scope, a.except.join(", ")),
            })
            .collect();
        format!("{}@{} [{}]", s.reach.id, s.reach.hops, access.join("; "))
    });
    let credentials = r.credentials.iter().map(|c| {
        let held: Vec<&str> = c.held.iter().map(|h| h.as_str()).collect();
        format!("{} {}", c.reach.id, held.join("+"))
    });
    let others = r.identities.iter().chain(&r.contexts).map(|x| x.id.clone());
    systems.chain(credentials).chain(others).collect::<Vec<_>>().join(", ")
}

/// What `compromise` reaches in each regime, worst-case, best-case, intended; `""` for nothing.
fn check(inventory: Value, actions: Value, compromise: &[&str], want: [&str; 3]) {
    let graph = graph(&inventory);
    let mut overlay = apply(&graph, &scenario(&actions)).expect("the scenario applies");
    let seeds = seeds(&graph, &mut overlay, compromise);
    for (regime, want) in [Regime::WorstCase, Regime::BestCase, Regime::Intended]
        .into_iter()
        .zip(want)
    {
        let r = radius(&graph, &overlay, &seeds, settings(regime), &Never).expect("nobody cancels");
        assert_eq!(reached(&r), want, "{} in {inventory} after {actions}", regime.as_str());
    }
}

#[test]
fn a_token_goes_where_nobody_looks_whom_it_is_for() {
    let estate = |validates: Value| {
        json!({
            "systems": [{"id": "api"}, {"id": "db", "validates": validates}],
            "credentials": [{"id": "t", "audience": ["api"], "scopes": ["read"]}],
            "grants": [{"holder": "t", "system": "api", "scopes": ["*"]}, {"holder": "t", "system": "db", "scopes": ["*"]}],
        })
    };
    let none = json!([]);
    check(
        estate(json!({})),
        none.clone(),
        &["t"],
        ["api@1 [*], db@1 [*]", "api@1 [read]", "api@1 [read]"],
    );
    check(
        estate(json!({"audience": true})),
        none.clone(),
        &["t"],
        ["api@1 [*]", "api@1 [read]", "api@1 [read]"],
    );
    // What is stated counts in both, but not for what was meant.
    check(
        estate(json!({"audience": false, "scope": true})),
        none,
        &["t"],
        ["api@1 [*], db@1 [read]", "api@1 [read], db@1 [read]", "api@1 [read]"],
    );
    check(
        estate(json!({})),
        json!([{"action": "enforce", "system": "db", "checks": ["audience"]}]),
        &["t"],
        ["api@1 [*]", "api@1 [read]", "api@1 [read]"],
    );
    check(
        estate(json!({})),
        json!([{"action": "isolate", "system": "db"}]),
        &["t"],
        ["api@1 [*]", "api@1 [read]", "api@1 [read]"],
    );
}

#[test]
fn a_dead_token_lives_on_where_nobody_asks() {
    let estate = |kind: &str| {
        json!({
            "systems": [{"id": "api"}],
            "credentials": [{"id": "t", "kind": kind}],
            "grants": [{"holder": "t", "system": "api", "scopes": ["*"]}],
        })
    };
    let revoke = json!([{"action": "revoke", "credential": "t"}]);
    check(estate("jwt"), revoke.clone(), &["t"], ["api@1 [*]", "", ""]);
    check(estate("api-key"), revoke, &["t"], ["", "", ""]);
    let rotate = json!([{"action": "rotate", "credential": "t"}]);
    check(estate("jwt"), rotate.clone(), &["t"], ["api@1 [*]", "", ""]);
    check(estate("api-key"), rotate, &["t"], ["", "", ""]);
    let expire = json!([{"action": "expire", "credential": "t", "expires_at": AS_OF}]);
    check(estate("jwt"), expire, &["t"], ["", "", ""]);
}

#[test]
fn what_is_rotated_may_be_got_again() {
    let estate = |how: &str| {
        json!({
            "systems": [{"id": "vault"}, {"id": "api"}],
            "credentials": [{"id": "t"}, {"id": "u"}],
            "grants": [
                {"holder": "u", "system": "vault", "scopes": ["*"]},
                {"holder": "t", "system": "api", "scopes": ["*"]},
            ],
            "exposures": [{"system": "vault", "yields": {"credential": "t"}, "how": how}],
        })
    };
    let rotate = json!([{"action": "rotate", "credential": "t"}]);
    let all = |held: &str| format!("api@2 [*], vault@1 [*], t {held}");
    let again = all("old+copy");
    check(estate("stored"), rotate.clone(), &["t", "u"], [&again, &again, &again]);
    let minted = all("old+fresh");
    check(
        estate("minted"),
        rotate.clone(),
        &["t", "u"],
        [&minted, &minted, &minted],
    );
    for how in ["copied", "logged"] {
        check(estate(how), rotate.clone(), &["t", "u"], ["vault@1 [*]"; 3]);
    }
}

#[test]
fn a_signing_key_writes_what_it_likes() {
    let estate = json!({
        "systems": [
            {"id": "api", "validates": {"audience": true, "context": true, "scope": true, "issuer": true}, "accepts_issuers": ["idp"]},
            {"id": "idp"},
        ],
        "identities": [{"id": "who"}],
        "credentials": [
            {"id": "key", "kind": "signing-key"},
            {"id": "t", "kind": "jwt", "identity": "who", "issuer": "idp", "audience": ["x"], "scopes": [], "contexts": ["vpc"]},
        ],
        "grants": [{"holder": "who", "system": "api", "scopes": ["*"]}],
        "exposures": [{"credential": "key", "yields": {"credential": "t"}, "how": "minted"}],
    });
    check(estate.clone(), json!([]), &["key"], ["api@1 [*], t forged"; 3]);
    check(
        estate.clone(),
        json!([{"action": "revoke", "credential": "t"}]),
        &["key"],
        ["api@1 [*], t forged"; 3],
    );
    check(
        estate,
        json!([{"action": "disable-identity", "identity": "who"}]),
        &["key"],
        ["t forged"; 3],
    );
}

#[test]
fn groups_lend_their_grants_and_escalations_ask_for_all() {
    let estate = json!({
        "systems": [{"id": "iam"}, {"id": "prod", "criticality": "crown-jewel"}],
        "identities": [{"id": "dev"}, {"id": "team", "kind": "group"}, {"id": "admin"}],
        "credentials": [{"id": "k", "identity": "dev"}],
        "grants": [
            {"holder": "dev", "system": "iam", "scopes": ["iam:PassRole@*"], "except": ["iam:PassRole@secret"]},
            {"holder": "team", "system": "iam", "scopes": ["ec2:*"]},
            {"holder": "admin", "system": "prod", "scopes": ["*"]},
        ],
        "inherits": [
            {"id": "m", "from": "dev", "to": "team", "how": "membership"},
            {"id": "e", "to": "admin", "how": "escalation", "requires_all": [
                {"system": "iam", "scope": "iam:PassRole@admin"}, {"system": "iam", "scope": "ec2:RunInstances"}]},
        ],
    });
    let all = "iam@1 [ec2:*; iam:PassRole@* less iam:PassRole@secret], prod@1 [*], admin";
    check(estate.clone(), json!([]), &["k"], [all; 3]);
    // Acting as the identity, its group is acted as too.
    check(estate.clone(), json!([]), &["dev"], [&format!("{all}, team"); 3]);
    let less = json!([{"action": "narrow-grant", "grant": "grant:team->iam", "scopes": ["ec2:Describe*"]}]);
    check(
        estate.clone(),
        less,
        &["k"],
        ["iam@1 [ec2:Describe*; iam:PassRole@* less iam:PassRole@secret]"; 3],
    );
    check(
        estate,
        json!([{"action": "remove-inherit", "inherit": "m"}]),
        &["k"],
        ["iam@1 [iam:PassRole@* less iam:PassRole@secret]"; 3],
    );
}

#[test]
fn a_trust_passes_what_it_says_or_only_what_it_exchanges() {
    let estate = |trust: Value| {
        json!({
            "systems": [{"id": "gate"}, {"id": "core"}],
            "credentials": [{"id": "t"}],
            "grants": [{"holder": "t", "system": "gate", "scopes": ["call:*"]}],
            "trusts": [trust],
        })
    };
    let open = json!({"from": "gate", "to": "core", "scopes": ["*"], "requires": ["call:core"]});
    let all = "core@2 [*], gate@1 [call:*]";
    check(estate(open.clone()), json!([]), &["t"], [all, all, "gate@1 [call:*]"]);
    let exchange = json!([{"action": "require-exchange", "trust": "trust:gate->core", "scopes": ["read"]}]);
    check(estate(open), exchange, &["t"], ["core@2 [read], gate@1 [call:*]"; 3]);
    let shut = json!({"from": "gate", "to": "core", "scopes": ["*"], "requires": ["admin"]});
    check(estate(shut), json!([]), &["t"], ["gate@1 [call:*]"; 3]);
    let guess = json!({"from": "gate", "to": "core", "scopes": ["*"], "assumed": true});
    check(
        estate(guess),
        json!([]),
        &["t"],
        [all, "gate@1 [call:*]", "gate@1 [call:*]"],
    );
}

#[test]
fn a_context_must_be_entered_where_it_is_looked_at() {
    let estate = json!({
        "systems": [{"id": "api", "validates": {"context": true}}, {"id": "host"}],
        "credentials": [{"id": "t", "contexts": ["vpc"]}, {"id": "u"}],
        "grants": [{"holder": "t", "system": "api", "scopes": ["*"]}, {"holder": "u", "system": "host", "scopes": ["*"]}],
        "exposures": [{"system": "host", "yields": {"context": "vpc"}, "requires": ["ssh"]}],
    });
    check(estate.clone(), json!([]), &["t"], [""; 3]);
    check(estate.clone(), json!([]), &["t", "context:vpc"], ["api@1 [*]"; 3]);
    check(estate.clone(), json!([]), &["t", "context:elsewhere"], [""; 3]);
    // The context is a hop away, and so is what it opens.
    check(
        estate.clone(),
        json!([]),
        &["t", "u"],
        ["api@2 [*], host@1 [*], vpc"; 3],
    );
    let bind = json!([{"action": "bind-context", "credential": "t", "contexts": ["home"]}]);
    check(estate, bind, &["t", "u"], ["host@1 [*], vpc"; 3]);
}

/// Of two contexts that let a token in, the one with the shorter explanation counts where hops are equal.
#[test]
fn the_shortest_of_the_explanations_counts() {
    let estate = json!({
        "systems": [{"id": "a"}, {"id": "b"}, {"id": "c"}, {"id": "d", "validates": {"context": true}}],
        "identities": [{"id": "i1"}, {"id": "i2"}, {"id": "i3"}],
        "credentials": [{"id": "t", "contexts": ["far", "near"]}, {"id": "s"}],
        "grants": [
            {"holder": "s", "system": "a", "scopes": ["*"]},
            {"holder": "t", "system": "d", "scopes": ["*"]},
        ],
        "exposures": [
            // Entered without a hop, but by many steps.
            {"credential": "s", "yields": {"identity": "i1"}}, {"identity": "i3", "yields": {"context": "far"}},
            // Entered after one hop, by few.
            {"system": "a", "yields": {"context": "near"}},
            {"system": "b", "yields": {"credential": "t"}},
        ],
        "inherits": [{"from": "i1", "to": "i2"}, {"from": "i2", "to": "i3"}],
        "trusts": [{"from": "a", "to": "b", "scopes": ["*"], "exchange": {"scopes": ["*"]}}],
    });
    let graph = graph(&estate);
    let seeds = seeds(&graph, &mut Overlay::default(), &["s"]);
    let r = radius(&graph, &Overlay::default(), &seeds, settings(Regime::WorstCase), &Never).expect("nobody cancels");
    let path = r
        .path(&graph, graph.find("d").expect("it is there"))
        .expect("it is reached");
    let facts: Vec<&str> = path.iter().map(|s| s.fact.as_str()).collect();
    assert!(
        facts.contains(&"InContext(near)") && !facts.contains(&"InContext(far)"),
        "{facts:?}"
    );
    assert_eq!(path.last().map(|s| s.hops), Some(3));
}

/// A chain in which every link needs two acceptances has a tree of 3 to the 80th steps; told in two equally good ways at
/// every link, whoever writes the trees out to compare them never comes back.
#[test]
fn explanations_of_enormous_trees_are_compared_at_once() {
    const LINKS: usize = 80;
    let (mut credentials, mut identities, mut grants, mut inherits, mut exposures) =
        (vec![json!({"id": "c0"})], vec![], vec![], vec![], vec![]);
    for n in 0..LINKS {
        credentials.push(json!({"id": format!("c{}", n + 1)}));
        for s in ["a", "b"] {
            grants.push(json!({"holder": format!("c{n}"), "system": s, "scopes": [format!("do:{n}")]}));
        }
        for way in ["x", "y"] {
            let to = format!("{way}{n}");
            inherits.push(json!({"to": to, "requires_all": [
                {"system": "a", "scope": format!("do:{n}")}, {"system": "b", "scope": format!("do:{n}")}]}));
            exposures.push(json!({"identity": to, "yields": {"credential": format!("c{}", n + 1)}}));
            identities.push(json!({"id": to}));
        }
    }
    let graph = graph(&json!({
        "systems": [{"id": "a"}, {"id": "b"}],
        "identities": identities, "credentials": credentials, "grants": grants,
        "inherits": inherits, "exposures": exposures,
    }));
    let seeds = seeds(&graph, &mut Overlay::default(), &["c0"]);
    let r = radius(&graph, &Overlay::default(), &seeds, settings(Regime::WorstCase), &Never).expect("nobody cancels");
    assert_eq!((r.credentials.len(), r.identities.len()), (LINKS, 2 * LINKS));
    let last = graph.find(&format!("c{LINKS}")).expect("it is there");
    let path = r.path(&graph, last).expect("it is reached");
    // Seed; then two acceptances, an inherit and an exposure a link.
    assert_eq!(path.len(), 1 + 4 * LINKS);
    assert!(
        path.iter().all(|s| !s.fact.contains("ActsAs(y")),
        "the least list goes through x"
    );
}

/// A seed and the action previewed may both name contexts that the inventory does not.
#[test]
fn a_preview_knows_its_contexts_apart() {
    let graph = graph(&json!({
        "systems": [{"id": "api", "validates": {"context": true}}],
        "credentials": [{"id": "t"}],
        "grants": [{"holder": "t", "system": "api", "scopes": ["*"]}],
    }));
    let mut overlay = Overlay::default();
    let seeds = seeds(&graph, &mut overlay, &["t", "context:home"]);
    let settings = settings(Regime::WorstCase);
    let now = radius(&graph, &overlay, &seeds, settings, &Never).expect("nobody cancels");
    let flows = Flows::of(World::new(&graph, &overlay, settings));
    for (context, systems) in [("home", 1), ("office", 0)] {
        let bind = Action::BindContext {
            credential: "t".into(),
            contexts: vec![context.into()],
        };
        let effect = preview(&graph, &[], &bind, &now, &flows, &Never).expect("it applies");
        assert_eq!(
            (effect.before.systems, effect.after.systems),
            (1, systems),
            "bound to {context}"
        );
    }
}

/// A preview looks only at what its action touches; the comparison looks at everything. Ranks count; a radius lists.
#[test]
fn questions_agree_with_each_other() {
    let (mut previews, mut broken, mut ranked) = (0, 0, 0);
    for n in 0..3000 {
        let case = if n % 10 == 0 {
            random::large_case(n, 20)
        } else {
            random::case(n)
        };
        let inventory = oracle::names::stamped(&oracle::merge(&[("", case.inventory.clone())]).document);
        let source = Source::Bytes {
            name: "case".into(),
            bytes: inventory.to_string().into_bytes().into(),
        };
        let loaded = load_sources(&[source], &LoadOptions::default(), &Unheard).expect("the case loads");
        let graph = TrustGraph::build(Arc::clone(&loaded.inventory));
        let settings = settings(Regime::parse(case.regime).expect("a regime"));
        let nothing = Overlay::default();

        for row in rank(&graph, &nothing, settings, &Never)
            .expect("nobody cancels")
            .credentials
            .iter()
            .take(2)
        {
            let s = radius(&graph, &nothing, &[row.thing], settings, &Never)
                .expect("nobody cancels")
                .summary;
            assert_eq!(
                (row.systems, row.crown_jewels, row.weight, row.inherited, row.assumed),
                (s.systems, s.crown_jewels, s.weight, s.inherited, s.assumed),
                "{} in {inventory}",
                row.id
            );
            ranked += row.systems;
        }

        let Some(document) = &case.scenario else { continue };
        let Ok(Scenario { actions, .. }) = Scenario::parse(&document.to_string()) else {
            continue;
        };
        let known: Vec<String> = case
            .seeds
            .iter()
            .filter(|id| graph.find(id).is_some())
            .cloned()
            .collect();
        for most in 1..=actions.len() {
            let (before, extra) = (&actions[..most - 1], &actions[most - 1]);
            let (Ok(mut overlay), Ok(mut then)) = (apply(&graph, before), apply(&graph, &actions[..most])) else {
                break;
            };
            let seeds = resolve_seeds(&graph, &mut overlay, &known).expect("they are known");
            let now = radius(&graph, &overlay, &seeds, settings, &Never).expect("nobody cancels");
            let flows = Flows::of(World::new(&graph, &overlay, settings));
            let effect = preview(&graph, before, extra, &now, &flows, &Never).expect("it applies");
            resolve_seeds(&graph, &mut then, &known).expect("they are known");
            let world = World::new(&graph, &then, settings);
            let was = FlowSet::of(World::new(&graph, &overlay, settings));
            let all = was.missing_in(&FlowSet::of(world), world);
            assert_eq!(effect.broken_flows, all, "{extra:?} after {before:?} in {inventory}");
            if before.is_empty() {
                let whole = compare(&graph, &actions[..1], &then, &seeds, settings, &Never).expect("nobody cancels");
                assert_eq!(effect.broken_flows, whole.broken_flows, "{extra:?} in {inventory}");
                assert_eq!(effect.after, whole.after.summary, "{extra:?} in {inventory}");
            }
            previews += 1;
            broken += all.len();
        }
    }
    assert!(
        previews > 1000 && broken > 300 && ranked > 1000,
        "too little happened: {previews} previews, {broken} broken flows, {ranked} systems ranked"
    );
}

/// Two identities, reached alike, of whom each has the grants that stand at its place; what they lead to is `to`, which
/// asks for all of `requires`.
fn two_ways(first: &str, second: &str, grants: [&[&str]; 2], requires: &[&str]) -> TrustGraph {
    let grant = |holder: &str, scope: &str| json!({"id": format!("{holder} {scope}"), "holder": holder, "system": "s", "scopes": [scope]});
    let grants: Vec<Value> = [("i1", grants[0]), ("i2", grants[1])]
        .into_iter()
        .flat_map(|(holder, scopes)| scopes.iter().map(move |scope| grant(holder, scope)))
        .collect();
    let requires: Vec<Value> = requires
        .iter()
        .map(|scope| json!({"system": "s", "scope": scope}))
        .collect();
    graph(&json!({
        "systems": [{"id": "r"}, {"id": "s"}],
        "identities": [{"id": "i1"}, {"id": "i2"}, {"id": "to"}],
        "grants": grants,
        "exposures": [
            {"id": "x1", "system": "r", "yields": {"identity": first}},
            {"id": "x2", "system": "r", "yields": {"identity": second}},
        ],
        "inherits": [{"id": "n", "to": "to", "requires_all": requires}],
    }))
}

/// How `to` is reached from `r`, as facts; nothing where it is not.
fn way_to(graph: &TrustGraph, actions: &Value) -> Vec<String> {
    let mut overlay = apply(graph, &scenario(actions)).expect("it can be done");
    let seeds = seeds(graph, &mut overlay, &["r"]);
    let r = radius(graph, &overlay, &seeds, settings(Regime::WorstCase), &Never).expect("nobody cancels");
    let path = r.path(graph, graph.find("to").expect("it is there"));
    path.into_iter().flatten().map(|step| step.fact).collect()
}

/// Where two may go the same way without `from`, by one grant or by several together, the texts decide between their
/// explanations, whichever was looked at first.
#[test]
fn of_two_who_may_go_the_same_way_the_texts_decide() {
    for (first, second) in [("i1", "i2"), ("i2", "i1")] {
        for (grants, requires) in [(&["*"][..], &["go"][..]), (&["go", "stay"], &["go", "stay"])] {
            let graph = two_ways(first, second, [grants, grants], requires);
            let facts = way_to(&graph, &json!([]));
            let has = facts.iter().any(|fact| fact == "ActsAs(i1)");
            assert!(has, "{first} is looked at first: {facts:?}");
        }
    }
}

/// That one may not go a way says nothing of another who is reached later and has other grants, or the same of which
/// nobody took anything.
#[test]
fn who_may_go_a_way_together_is_asked_of_everybody_else() {
    let estate = |earlier: &[&str], later: &[&str]| {
        let grant = |holder: &str, scope: &str| json!({"id": format!("{holder} {scope}"), "holder": holder, "system": "s", "scopes": [scope]});
        let mut grants: Vec<Value> = earlier.iter().map(|scope| grant("i1", scope)).collect();
        grants.extend(later.iter().map(|scope| grant("i2", scope)));
        graph(&json!({
            "systems": [{"id": "r"}, {"id": "s"}],
            "identities": [{"id": "i1"}, {"id": "i2"}, {"id": "to"}],
            "grants": grants,
            "exposures": [{"system": "r", "yields": {"identity": "i1"}}],
            "inherits": [
                {"from": "i1", "to": "i2"},
                {"to": "to", "requires_all": [{"system": "s", "scope": "go"}, {"system": "s", "scope": "stay"}]},
            ],
        }))
    };
    let by_the_later = |graph: &TrustGraph, actions: &Value| {
        let facts = way_to(graph, actions);
        assert!(facts.iter().any(|fact| fact == "ActsAs(i2)"), "{facts:?}");
    };
    by_the_later(&estate(&["go"], &["go", "stay"]), &json!([]));
    let narrow = json!([{"action": "narrow-grant", "grant": "i1 st*", "scopes": ["still"]}]);
    by_the_later(&estate(&["go", "st*"], &["go", "st*"]), &narrow);
}
