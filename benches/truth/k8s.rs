//! Test clusters of KubeHound and of Cartography.

use super::score::{Pairs, Score, json, last, open, pairs_of, reach, texts};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use trustmap::model::{ExposureFrom, Text, Yields};

/// `kubehound_test_cluster_list.json` against `expected_kubehound_edges.json`, and `cartography_cluster1_list.json`
/// against `expected_cartography_k8s_rbac.json`.
pub fn compare(folder: &Path, score: &mut Score) -> Result<(), String> {
    kubehound(folder, score)?;
    cartography(folder, score)
}

fn kubehound(folder: &Path, score: &mut Score) -> Result<(), String> {
    println!("KubeHound's test cluster");
    let list = json(folder, "kubehound_test_cluster_list.json")?;
    let loaded = open(folder, "kubehound_test_cluster_list.json")?;
    let records = &loaded.inventory.records;
    // Which pod each container is in.
    let mut pod_of: BTreeMap<String, String> = BTreeMap::new();
    let (mut accounts, mut pods) = (BTreeSet::new(), BTreeSet::new());
    for item in list["items"].as_array().into_iter().flatten() {
        let name = item["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        match item["kind"].as_str() {
            Some("ServiceAccount") => {
                accounts.insert(name);
            }
            Some("Pod") => {
                for container in item["spec"]["containers"].as_array().into_iter().flatten() {
                    pod_of.insert(container["name"].as_str().unwrap_or_default().to_owned(), name.clone());
                }
                if item["metadata"]["namespace"] == "default" {
                    pods.insert(name);
                }
            }
            _ => {}
        }
    }
    let escapes = |edge: &str| -> BTreeSet<String> {
        let said = |e: &Option<trustmap::model::Text>| {
            e.as_ref()
                .is_some_and(|e| e.split("; ").any(|w| w.starts_with(&format!("{edge} ("))))
        };
        records
            .trusts
            .iter()
            .filter(|t| t.from.contains("/pod/") && said(&t.common.evidence))
            .map(|t| last(&t.from))
            .collect()
    };
    // Pods entered by the account's own permissions: the API server is one hop, they are the next.
    let entered = |account: &str| -> Result<BTreeSet<String>, String> {
        let radius = reach(&loaded, &format!("k8s:cluster:system:serviceaccount:default:{account}"))?;
        Ok(radius
            .systems
            .iter()
            .filter(|s| s.reach.hops == 2 && s.reach.id.contains("/pod/"))
            .map(|s| last(&s.reach.id))
            .collect())
    };
    let tests = json(folder, "expected_kubehound_edges.json")?;
    for test in tests.as_array().into_iter().flatten() {
        let edge = last(
            test["edge"]
                .as_array()
                .and_then(|e| e.last())
                .and_then(Value::as_str)
                .unwrap_or_default(),
        );
        let title = test["test"].as_str().unwrap_or_default();
        let expected = pairs_of(test["expected_pairs"].as_array().into_iter().flatten().map(|p| {
            let p = texts(p);
            (
                p.first().cloned().unwrap_or_default(),
                p.get(1).cloned().unwrap_or_default(),
            )
        }));
        let containers: Pairs = texts(&test["escape_containers"])
            .into_iter()
            .map(|c| (edge.clone(), c))
            .collect();
        if !containers.is_empty() {
            let found = escapes(&edge);
            let found = pod_of
                .iter()
                .filter(|(_, p)| found.contains(*p))
                .map(|(c, _)| (edge.clone(), c.clone()));
            score.compare(title, &found.collect(), &containers, false);
        }
        match title {
            "TestEdge_IDENTITY_ASSUME_Container" => {
                let mut found = Pairs::new();
                for exposure in &records.exposures {
                    let (ExposureFrom::System(from), Yields::Credential(to)) = (&exposure.from, &exposure.yields)
                    else {
                        continue;
                    };
                    let Some(account) = records
                        .credentials
                        .iter()
                        .find(|c| c.id == *to)
                        .and_then(|c| c.identity.as_ref())
                    else {
                        continue;
                    };
                    let of_pod = pod_of.iter().filter(|(_, p)| **p == last(from));
                    found.extend(of_pod.map(|(c, _)| (c.clone(), last(account))));
                }
                score.compare(title, &found, &expected, false);
            }
            "TestEdge_POD_EXEC" => {
                let set = expected.iter().map(|(s, _)| s.clone()).next().unwrap_or_default();
                let found = entered("pod-exec-sa")?.into_iter().map(|p| (set.clone(), p)).collect();
                score.compare(title, &found, &expected, true);
            }
            "TestEdge_POD_CREATE" => {
                // The nodes are not in the list; the pool of all nodes stands for them.
                let radius = reach(&loaded, "k8s:cluster:system:serviceaccount:default:pod-create-sa")?;
                let all: Pairs = [("create-pods".to_owned(), "k8s:cluster/nodes".to_owned())].into();
                let found = radius
                    .systems
                    .iter()
                    .map(|s| ("create-pods".to_owned(), s.reach.id.clone()))
                    .collect();
                score.compare(title, &found, &all, false);
            }
            "TestEdge_PERMISSION_DISCOVER" => {
                let mut found = Pairs::new();
                for grant in records.grants.iter().filter(|g| g.holder.contains(":serviceaccount:")) {
                    let role = grant
                        .common
                        .evidence
                        .as_deref()
                        .and_then(|e| e.rsplit(' ').next())
                        .unwrap_or_default();
                    let binding = grant
                        .common
                        .id
                        .as_deref()
                        .map(|i| last(i).split('#').next().unwrap_or_default().to_owned());
                    found.insert((last(&grant.holder), format!("{role}::{}", binding.unwrap_or_default())));
                }
                score.compare(title, &found, &expected, true);
            }
            "TestEdge_EXPLOIT_HOST_READ" | "TestEdge_EXPLOIT_HOST_WRITE" => {
                let found = escapes(&edge);
                let wanted = expected
                    .iter()
                    .map(|(c, _)| (edge.clone(), pod_of.get(c).cloned().unwrap_or_default()))
                    .collect();
                score.compare(
                    title,
                    &found.into_iter().map(|p| (edge.clone(), p)).collect(),
                    &wanted,
                    false,
                );
            }
            _ => {}
        }
    }
    // What the project's other tests count.
    let all: Pairs = pods.iter().map(|p| ("pod-patch-sa".to_owned(), p.clone())).collect();
    let found = entered("pod-patch-sa")?
        .into_iter()
        .map(|p| ("pod-patch-sa".to_owned(), p))
        .collect();
    score.compare("POD_PATCH: every pod of its namespace and no other", &found, &all, true);
    for account in ["tokenget-sa", "tokenlist-sa"] {
        let radius = reach(&loaded, &format!("k8s:cluster:system:serviceaccount:default:{account}"))?;
        let found = radius
            .identities
            .iter()
            .map(|i| (account.to_owned(), last(&i.id)))
            .collect();
        let all = accounts
            .iter()
            .filter(|a| *a != account)
            .map(|a| (account.to_owned(), a.clone()))
            .collect();
        score.compare(
            &format!("the token of every account, for {account}"),
            &found,
            &all,
            false,
        );
    }
    let mut bound = Pairs::new();
    for account in accounts.iter().filter(|a| a.starts_with("rolebind-")) {
        // By its own permissions alone: through another account of its namespace, some of them get further.
        let id = format!("k8s:cluster:system:serviceaccount:default:{account}");
        let own: Vec<&Text> = records
            .grants
            .iter()
            .filter(|g| g.holder == id)
            .flat_map(|g| &g.scopes)
            .collect();
        let satisfied = |scope: &str| own.iter().any(|s| trustmap::model::scope::overlaps(s, scope));
        let has = |id: &str| {
            let mut ways = records.inherits.iter().filter(|i| i.to == id && i.from.is_none());
            ways.any(|i| i.requires_all.iter().all(|r| satisfied(&r.scope)))
        };
        let what = if has("k8s:cluster:admin") {
            "cluster"
        } else if has("k8s:cluster/ns/vault:admin") || has("k8s:cluster/vault/role/admin") {
            "every namespace"
        } else if has("k8s:cluster/ns/default:admin") || has("k8s:cluster/default/role/admin") {
            "its namespace"
        } else {
            "nothing"
        };
        bound.insert((account.clone(), what.to_owned()));
    }
    let expected = [
        ("crb-cr-crb-cr", "cluster"),
        ("crb-cr-rb-cr", "every namespace"),
        ("crb-cr-rb-r", "every namespace"),
        ("crb-cr-crb-r-fail", "nothing"),
        ("rb-cr-rb-cr", "its namespace"),
        ("rb-cr-rb-r", "its namespace"),
        ("rb-cr-crb-cr-fail", "nothing"),
        ("rb-r-rb-crb", "its namespace"),
        ("rb-r-rb-r", "its namespace"),
        ("rb-r-crb-cr-fail", "nothing"),
    ];
    let expected = expected.map(|(a, w)| (format!("rolebind-sa-{a}"), w.to_owned())).into();
    score.compare(
        "ROLE_BIND: what each account can bind itself to",
        &bound,
        &expected,
        true,
    );
    Ok(())
}

fn cartography(folder: &Path, score: &mut Score) -> Result<(), String> {
    println!("Cartography's test cluster");
    let loaded = open(folder, "cartography_cluster1_list.json")?;
    let records = &loaded.inventory.records;
    let short = |id: &str| -> String {
        let rest = id.strip_prefix("k8s:cluster:").unwrap_or(id);
        let rest = rest
            .strip_prefix("system:serviceaccount:")
            .map_or(rest.to_owned(), |n| n.replace(':', "/"));
        let rest = rest
            .strip_prefix("user:")
            .or(rest.strip_prefix("group:"))
            .unwrap_or(&rest)
            .to_owned();
        format!("my-cluster-1/{rest}")
    };
    let binding_of = |id: &str| -> String {
        let rest = id
            .strip_prefix("k8s:cluster/")
            .unwrap_or(id)
            .split('#')
            .next()
            .unwrap_or_default()
            .to_owned();
        format!(
            "my-cluster-1/{}",
            rest.replace("rolebinding/", "").replace("cluster", "")
        )
    };
    for test in json(folder, "expected_cartography_k8s_rbac.json")?
        .as_array()
        .into_iter()
        .flatten()
    {
        let args = test["args"].as_array().cloned().unwrap_or_default();
        let arg = |i: usize| args.get(i).and_then(Value::as_str).unwrap_or_default();
        let rows: Vec<Vec<String>> = test["expected"].as_array().into_iter().flatten().map(texts).collect();
        let expected = pairs_of(
            rows.iter()
                .filter(|r| r.len() == 2)
                .map(|r| (r[0].clone(), r[1].clone())),
        );
        let title = format!("{} {} {}", arg(0), arg(4), arg(2));
        match (arg(0), arg(2), arg(4)) {
            (from, to, "SUBJECT") => {
                let found = records
                    .grants
                    .iter()
                    .filter_map(|g| Some((binding_of(g.common.id.as_deref()?), short(&g.holder))));
                score.compare(&format!("{from} binds {to}"), &found.collect(), &expected, false);
            }
            (_, _, "ROLE_REF") => {
                let found = records.grants.iter().filter_map(|g| {
                    let binding = binding_of(g.common.id.as_deref()?);
                    let evidence = g.common.evidence.as_deref()?;
                    let role = evidence.rsplit(' ').next()?.to_owned();
                    let role = if evidence.contains("of Role ") {
                        let namespace = binding.split('/').nth(1)?.to_owned();
                        format!("my-cluster-1/{namespace}/{role}")
                    } else {
                        format!("my-cluster-1/{role}")
                    };
                    Some((binding, role))
                });
                score.compare(&title, &found.collect(), &expected, false);
            }
            (_, _, "ASSUMES_ROLE" | "WORKLOAD_IDENTITY_BINDING") => {
                let prefix = if arg(4) == "ASSUMES_ROLE" { "aws:" } else { "gcp:" };
                let found = records.inherits.iter().filter_map(|i| {
                    let from = i.from.as_deref().filter(|f| f.contains(":serviceaccount:"))?;
                    Some((short(from), i.to.strip_prefix(prefix)?.to_owned()))
                });
                score.compare(&title, &found.collect(), &expected, true);
            }
            ("KubernetesServiceAccount" | "KubernetesUser" | "KubernetesGroup", "", "") => {
                let expected = rows.iter().map(|r| (arg(0).to_owned(), r[0].clone())).collect();
                let found = records
                    .identities
                    .iter()
                    .map(|i| (arg(0).to_owned(), short(&i.id)))
                    .collect();
                score.compare(arg(0), &found, &expected, false);
            }
            // Namespaces and roles are no records of their own, and nothing of Okta is in the list.
            _ => {}
        }
    }
    Ok(())
}
