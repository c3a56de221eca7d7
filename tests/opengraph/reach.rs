//! What an attacker walks, from end to end and over files.

use crate::support::{lines, load, reached};
use trustmap::graph::Regime;

#[track_caller]
fn check(files: &[&str], seed: &str, yes: &[&str], no: &[&str]) {
    let loaded = load(files);
    let found = reached(&loaded, seed, Regime::WorstCase);
    for id in yes {
        assert!(found.contains(*id), "{seed} does not reach {id}: {found:?}");
    }
    for id in no {
        assert!(!found.contains(*id), "{seed} reaches {id}");
    }
}

#[test]
fn a_chain_over_four_files() {
    let files = [
        "github.json",
        "okta.json",
        "azure-edges-only.json",
        "azure-nodes-only.json",
    ];
    // The helpdesk resets ann's password at the identity provider; ann is ann at GitHub; her team writes the branch that
    // is the application in Azure; that reads the vault.
    check(
        &files,
        "og:00g1",
        &[
            "og:00u1",
            "og:U_ann",
            "og:T_ops",
            "og:B_main",
            "og:SP-6F2B",
            "og:KV-SHOP",
            "og:vm-1",
            "og:R_shop",
        ],
        &["og:U_bob", "og:PAT_bob", "og:R_docs"],
    );
    // The name joins the provider's user to GitHub's: that is believed in the worst case only.
    let loaded = load(&files);
    assert!(!reached(&loaded, "og:00g1", Regime::BestCase).contains("og:U_ann"));
    assert!(reached(&loaded, "og:U_ann", Regime::BestCase).contains("og:KV-SHOP"));
    // Apart from the others the ends are placeholders.
    check(
        &files[..1],
        "og:U_ann",
        &["og:~AZServicePrincipal:appid=6f2b"],
        &["og:SP-6F2B"],
    );
    // A suspended user does nothing.
    check(&files, "og:00u2", &[], &["og:00g1", "og:00u1"]);
}

#[test]
fn what_is_only_access_opens_nothing_further() {
    // Writing contents is access to the repository; its secrets are for those who control it.
    check(&["github.json"], "og:T_ops", &["og:R_shop"], &["og:S_registry"]);
    check(&["github.json"], "og:R_shop", &["og:S_registry"], &[]);
    check(&["github.json"], "og:PAT_bob", &["og:R_docs"], &["og:R_shop"]);
    let file = ["sql-and-vault.json"];
    check(&file, "og:u1", &["og:g1", "og:v1", "og:i1"], &[]);
    check(&file, "og:u2", &["og:v1"], &["og:i1"]);
    check(&file, "og:USER-ETL", &["og:T-ORDERS"], &["og:DB-SHOP"]);
    let sql = "og:S-1-5-21-1-2-3-1109:1433";
    let host = "og:S-1-5-21-1-2-3-1109";
    check(
        &file,
        "og:S-1-5-21-1-2-3-1200",
        &[sql, host, "og:S-1-5-21-1-2-3-1108:1433"],
        &[],
    );
}

#[test]
fn a_definition_says_what_is_walked_and_an_edge_knows_better() {
    check(
        &["own-kinds.json"],
        "og:robot:7",
        &["og:cell:1"],
        &["og:cell:2", "og:key:1"],
    );
    check(
        &["own-kinds.json", "own-kinds.extension.json"],
        "og:robot:7",
        &["og:cell:1", "og:cell:2", "og:key:1"],
        &[],
    );
}

#[test]
fn every_edge_of_the_fixtures_is_the_relation_it_should_be() {
    assert_eq!(
        lines(&load(&["github.json", "okta.json"]).inventory),
        [
            "exposure og:00t1 -> og:00u1 ",
            "exposure og:R_shop -> og:S_registry og:*",
            "grant og:00u1 -> og:0oa1 og-access:Okta_AppAssignment",
            "grant og:PAT_bob -> og:R_docs og-access:GH_CanAccess",
            "grant og:RR_shop_write -> og:R_shop og-access:GH_WriteRepoContents",
            "inherit og:00g1 -> og:00u1  unintended",
            "inherit og:00u1 -> og:U_ann federation assumed",
            "inherit og:00u2 -> og:00g1 membership",
            "inherit og:B_main -> og:~AZServicePrincipal:appid=6f2b federation",
            "inherit og:RR_shop_write -> og:B_main ",
            "inherit og:T_ops -> og:RR_shop_write membership",
            "inherit og:U_ann -> og:T_ops membership",
            "trust og:00o1 -> og:0oa1 og:Okta_Contains unintended",
        ]
    );
    assert_eq!(
        lines(&load(&["sql-and-vault.json"]).inventory),
        [
            "exposure og:v1 -> og:i1 og:*",
            "grant og:ROLE-LOADER -> og:T-ORDERS og-access:SNOW_Insert",
            "grant og:ROLE-LOADER -> og:T-ORDERS og-access:SNOW_Select",
            "grant og:g1 -> og:v1 og:OPViewAndCopyPasswords",
            "grant og:sysadmin@S-1-5-21-1-2-3-1109:1433 -> og:S-1-5-21-1-2-3-1109:1433 og:MSSQL_ControlServer unintended",
            "grant og:u2 -> og:v1 og-access:OPViewItems",
            "inherit og:S-1-5-21-1-2-3-1200 -> og:etl@S-1-5-21-1-2-3-1109:1433 impersonation",
            "inherit og:USER-ETL -> og:ROLE-LOADER membership",
            "inherit og:etl@S-1-5-21-1-2-3-1109:1433 -> og:sysadmin@S-1-5-21-1-2-3-1109:1433 membership",
            "inherit og:u1 -> og:g1 membership",
            "trust og:S-1-5-21-1-2-3-1109:1433 -> og:S-1-5-21-1-2-3-1108:1433 og-access:MSSQL_LinkedTo exchange og-access:MSSQL_LinkedTo",
            "trust og:S-1-5-21-1-2-3-1109:1433 -> og:S-1-5-21-1-2-3-1109 og:MSSQL_ExecuteOnHost unintended",
        ]
    );
}
