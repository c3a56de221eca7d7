//! What an account costs in which whoever is allowed the right acts can become any role:
//! `cargo bench --no-default-features --bench account -- [ROLES]...` (by default 1,000, 4,000 and 16,000). Each role
//! has a key, permissions of its own, and eight ways into it without `from`; one in a hundred is allowed everything, one
//! in fifty what two requirements together ask for. Medians of three, seconds; four times the roles must not cost
//! sixteen times the time.

#![allow(clippy::print_stdout)] // a bench talks to whoever started it

use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Instant;
use trustmap::analysis::reach::compile;
use trustmap::analysis::{Never, radius, rank, resolve_seeds};
use trustmap::graph::{Overlay, Regime, Settings, TrustGraph, World};
use trustmap::import::{LoadOptions, Source, Unheard, load_sources};
use trustmap::model::Inventory;

fn account(roles: usize) -> Arc<Inventory> {
    let arn = |n: usize| format!("arn:aws:iam::123456789012:role/team/{n}");
    let identities: Vec<Value> = (0..roles).map(|n| json!({"id": format!("r{n}")})).collect();
    let credentials: Vec<Value> = (0..roles)
        .map(|n| json!({"id": format!("k{n}"), "kind": "access-key", "identity": format!("r{n}")}))
        .collect();
    let grants: Vec<Value> = (0..roles)
        .map(|n| {
            let scopes = if n % 100 == 0 {
                json!(["*@*"])
            } else if n % 50 == 1 {
                json!(["iam:PassRole@*", "lambda:CreateFunction@*", "lambda:InvokeFunction@*"])
            } else {
                json!([
                    format!("s3:GetObject@arn:aws:s3:::data-{n}/*"),
                    format!("iam:PassRole@{}", arn(n)),
                    "logs:*@*"
                ])
            };
            json!({"holder": format!("r{n}"), "system": "account", "scopes": scopes})
        })
        .collect();
    let mut inherits: Vec<Value> = Vec::new();
    for n in 0..roles {
        let mut way = |acts: &[&str]| {
            let all: Vec<Value> = acts
                .iter()
                .map(|act| json!({"system": "account", "scope": if act.contains('@') { (*act).to_owned() } else { format!("{act}@{}", arn(n)) }}))
                .collect();
            inherits.push(json!({"to": format!("r{n}"), "how": "escalation", "intended": false, "requires_all": all}));
        };
        way(&["iam:PutRolePolicy"]);
        way(&["iam:AttachRolePolicy"]);
        way(&["iam:UpdateAssumeRolePolicy"]);
        way(&["iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"]);
        way(&["iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy"]);
        way(&["lambda:UpdateFunctionCode@*"]);
        if n % 4 == 0 {
            way(&["iam:PassRole", "lambda:CreateFunction@*", "lambda:InvokeFunction@*"]);
            way(&["iam:PassRole", "ec2:RunInstances@*"]);
        }
    }
    let document = json!({"format": "trustmap-inventory", "version": 1, "systems": [{"id": "account"}],
        "identities": identities, "credentials": credentials, "grants": grants, "inherits": inherits});
    let source = Source::Bytes {
        name: "account.json".to_owned(),
        bytes: document.to_string().into_bytes().into(),
    };
    let loaded = load_sources(&[source], &LoadOptions::default(), &Unheard).expect("it loads");
    loaded.inventory
}

/// Seconds of each of the questions, asked of a graph that nobody has asked before.
fn ask(inventory: &Arc<Inventory>) -> [f64; 4] {
    let graph = TrustGraph::build(inventory.clone());
    let mut overlay = Overlay::default();
    let settings = Settings {
        as_of: "2026-05-01T00:00:00Z".parse().expect("a time"),
        regime: Regime::WorstCase,
    };
    let seeds = resolve_seeds(&graph, &mut overlay, &["k0".to_owned()]).expect("it is there");
    let timed = |what: &mut dyn FnMut()| {
        let start = Instant::now();
        what();
        start.elapsed().as_secs_f64()
    };
    let ways = timed(&mut || {
        let _ = graph.open_inherits().lists();
    });
    let world = World::new(&graph, &overlay, settings);
    [
        ways,
        timed(&mut || drop(compile(world, &Never))),
        timed(&mut || drop(rank(&graph, &overlay, settings, &Never))),
        timed(&mut || drop(radius(&graph, &overlay, &seeds, settings, &Never))),
    ]
}

fn main() {
    let asked: Vec<usize> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let sizes = if asked.is_empty() {
        vec![1_000, 4_000, 16_000]
    } else {
        asked
    };
    println!("   roles   inherits  ways found    compiled      ranked  one compromise");
    for roles in sizes {
        let inventory = account(roles);
        let mut times: [Vec<f64>; 4] = Default::default();
        for _ in 0..3 {
            for (list, time) in times.iter_mut().zip(ask(&inventory)) {
                list.push(time);
            }
        }
        let [ways, compiled, ranked, one] = times.map(|mut list| {
            list.sort_by(f64::total_cmp);
            list[1]
        });
        let inherits = inventory.records.inherits.len();
        println!("{roles:>8} {inherits:>10} {ways:>9.3} s {compiled:>9.3} s {ranked:>9.3} s {one:>13.3} s");
    }
}
