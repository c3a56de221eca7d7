//! What Entra ID says, from end to end.

mod loading;

use loading::mutation::check_mutations;
use loading::{canonical, codes, file, reach};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use trustmap::graph::Regime;
use trustmap::import::{LoadOptions, Loaded, Source, Unheard, load_sources};

fn fixtures() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/entra");
    let mut found: Vec<(String, String)> = std::fs::read_dir(folder)
        .expect("the fixtures are there")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).expect("a fixture can be read"))
        })
        .collect();
    found.sort();
    found
}

fn load(files: &[(String, String)]) -> Loaded {
    let sources: Vec<Source> = files.iter().map(|(name, text)| file(name, text)).collect();
    load_sources(&sources, &LoadOptions::default(), &Unheard).unwrap_or_else(|error| panic!("{error}"))
}

fn identities(loaded: &Loaded, seed: &str) -> BTreeSet<String> {
    let radius = reach(loaded, seed, Regime::BestCase);
    radius.identities.iter().map(|i| i.id.clone()).collect()
}

const ISSUER: &str = "oidc:https://token.actions.githubusercontent.com";
const APP: &str = "entra:0d29ecac-0000-41be-a19b-000000000001";

#[test]
fn each_federated_credential_leads_to_its_application() {
    let loaded = load(&fixtures());
    let found: BTreeSet<(String, String)> = loaded
        .inventory
        .records
        .inherits
        .iter()
        .filter(|i| i.audiences.is_some())
        .map(|i| (i.from.as_deref().unwrap_or_default().to_owned(), i.to.to_string()))
        .collect();
    let want = [
        (
            "oidc:https://badURL.bad#BADSUBJECT",
            "entra:0d29ecac-0000-41be-a19b-000000000002",
        ),
        (&format!("{ISSUER}#repo:Acme/Shop:ref:refs/heads/*"), APP),
        (&format!("{ISSUER}#repo:Acme/Shop:ref:refs/heads/main"), APP),
        (&format!("{ISSUER}~repo:Acme/Shop:ref:refs/heads/*"), APP),
    ];
    assert_eq!(found, want.map(|(a, b)| (a.to_owned(), b.to_owned())).into());
    // A star in an exact subject is a star.
    assert!(identities(&loaded, &format!("{ISSUER}#repo:Acme/Shop:ref:refs/heads/main")).contains(APP));
    assert!(!identities(&loaded, &format!("{ISSUER}#repo:Acme/Shop:ref:refs/heads/*")).contains(APP));
}

#[test]
fn a_permission_that_adds_secrets_leads_to_every_application() {
    let loaded = load(&fixtures());
    let reached = identities(&loaded, "entra:cccccccc-0000-0000-0000-000000000001");
    assert!(
        reached.contains("entra:0d29ecac-0000-41be-a19b-000000000003"),
        "{reached:?}"
    );
    assert!(!reached.iter().any(|id| id.ends_with(":admin")), "{reached:?}");
    let other = identities(&loaded, "entra:0d29ecac-0000-41be-a19b-000000000003");
    assert!(other.is_empty(), "{other:?}");
    let owner = identities(&loaded, "entra:aaaaaaaa-0000-0000-0000-000000000009");
    assert!(owner.contains("entra:0d29ecac-0000-41be-a19b-000000000002"));
}

#[test]
fn the_order_of_files_does_not_matter_and_nothing_is_left_out_silently() {
    let mut files = fixtures();
    let loaded = load(&files);
    let text = canonical(&loaded);
    assert_eq!(codes(&loaded), ["not-understood azurehound.json"]);
    assert!(!text.contains("\"hint\""));
    files.reverse();
    assert_eq!(canonical(&load(&files)), text);
    assert_eq!(
        canonical(&load(&[("c.json".to_owned(), text.clone())])),
        text,
        "the conversion"
    );
}

#[test]
fn ten_thousand_broken_files_of_each_format() {
    for format in ["azurehound", "entra-graph"] {
        let own = |name: &str| name.starts_with("azurehound") == (format == "azurehound");
        let files: Vec<(String, String)> = fixtures().into_iter().filter(|(n, _)| own(n)).collect();
        check_mutations(format, &files, 30);
    }
}

/// A collection of AzureHound of these objects, each a kind and its data.
fn collection(objects: &[(&str, Value)]) -> Loaded {
    let data: Vec<Value> = objects
        .iter()
        .map(|(kind, data)| json!({"kind": kind, "data": data}))
        .collect();
    let text = json!({"data": data, "meta": {"type": "azure", "version": 5, "count": data.len()}}).to_string();
    load(&[("azurehound.json".to_owned(), text)])
}

const SUBSCRIPTION: &str = "/subscriptions/11111111-0000-0000-0000-000000000001";

/// The assignment of a role at a scope, as it is listed at a machine.
fn assignment(who: &str, role: &str, scope: &str) -> Value {
    json!({"roleAssignment": {"id": format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{who}"),
           "properties": {"principalId": who.to_uppercase(), "scope": scope,
                          "roleDefinitionId": format!("{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{role}")}},
           "virtualMachineId": "x"})
}

#[test]
fn who_controls_what_runs_with_a_managed_identity_becomes_it() {
    const MACHINE: &str = "entra:22222222-0000-0000-0000-000000000001";
    let vm = format!("{SUBSCRIPTION}/resourceGroups/Prod/providers/Microsoft.Compute/virtualMachines/vm1");
    let other = format!("{SUBSCRIPTION}2/resourceGroups/Prod");
    let loaded = collection(&[
        (
            "AZVM",
            json!({"id": vm.to_uppercase(), "name": "vm1", "tenantId": "T1",
                   "identity": {"type": "SystemAssigned", "principalId": "22222222-0000-0000-0000-000000000001"}}),
        ),
        (
            "AZVMRoleAssignment",
            json!({"virtualMachineId": vm, "roleAssignments": [
                assignment("aaaaaaaa-0000-0000-0000-000000000001", "9980e02c-c2be-4d73-94e8-173b1dc7cf3c", SUBSCRIPTION),
                assignment("aaaaaaaa-0000-0000-0000-000000000002", "acdd72a7-3385-48ef-bd42-f606fba81ae7", SUBSCRIPTION),
                assignment("aaaaaaaa-0000-0000-0000-000000000003", "b24988ac-6180-42a0-ab88-20f7382dd24c", &vm),
                assignment("aaaaaaaa-0000-0000-0000-000000000004", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", &other),
                assignment("aaaaaaaa-0000-0000-0000-000000000005", "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", &vm),
            ]}),
        ),
    ]);
    assert_eq!(codes(&loaded), [""; 0]);
    for (who, gets) in [(1, true), (2, false), (3, true), (4, false), (5, true)] {
        let found = identities(&loaded, &format!("entra:aaaaaaaa-0000-0000-0000-00000000000{who}"));
        assert_eq!(found.contains(MACHINE), gets, "{who}: {found:?}");
    }
}

#[test]
fn an_assignment_to_a_management_group_holds_for_what_is_in_it() {
    const MACHINE: &str = "entra:22222222-0000-0000-0000-000000000001";
    let root = "/providers/Microsoft.Management/managementGroups/root";
    let within = "/providers/Microsoft.Management/managementGroups/prod";
    let vm = format!("{SUBSCRIPTION}/resourceGroups/Prod/providers/Microsoft.Compute/virtualMachines/vm1");
    let inside = |child: &str, parent: &str| {
        (
            "AZManagementGroupDescendant",
            json!({"id": child, "properties": {"parent": {"id": parent.to_uppercase()}}}),
        )
    };
    let machine = json!({"id": vm, "identity": {"userAssignedIdentities": {
        format!("{SUBSCRIPTION}/resourceGroups/x/providers/Microsoft.ManagedIdentity/userAssignedIdentities/u"):
            {"principalId": "22222222-0000-0000-0000-000000000001", "clientId": "c"}}}});
    let owner = json!({"roleAssignments": [assignment("aaaaaaaa-0000-0000-0000-000000000001", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", root)]});
    let known = collection(&[
        ("AZVM", machine.clone()),
        ("AZManagementGroupRoleAssignment", owner.clone()),
        inside(within, root),
        inside(SUBSCRIPTION, within),
    ]);
    assert!(identities(&known, "entra:aaaaaaaa-0000-0000-0000-000000000001").contains(MACHINE));
    // Where no file says what is in it, it is assumed.
    let unknown = collection(&[("AZVM", machine), ("AZManagementGroupRoleAssignment", owner)]);
    assert!(!identities(&unknown, "entra:aaaaaaaa-0000-0000-0000-000000000001").contains(MACHINE));
    let assumed = reach(
        &unknown,
        "entra:aaaaaaaa-0000-0000-0000-000000000001",
        Regime::WorstCase,
    );
    assert!(assumed.identities.iter().any(|i| i.id == MACHINE));
}

#[test]
fn members_of_a_group_have_its_roles_and_vaults_open_to_their_policies() {
    let vault = format!("{SUBSCRIPTION}/resourceGroups/Prod/providers/Microsoft.KeyVault/vaults/keys");
    let loaded = collection(&[
        (
            "AZGroup",
            json!({"id": "99999999-0000-0000-0000-000000000001", "displayName": "Ops", "tenantId": "T1"}),
        ),
        (
            "AZGroupMember",
            json!({"groupId": "99999999-0000-0000-0000-000000000001", "members": [
                {"groupId": "x", "member": {"id": "AAAAAAAA-0000-0000-0000-000000000001"}}]}),
        ),
        ("AZKeyVault", json!({"id": vault, "name": "keys"})),
        (
            "AZKeyVaultAccessPolicy",
            json!({"objectId": "99999999-0000-0000-0000-000000000001", "keyVaultId": vault.to_uppercase(),
                   "permissions": {"secrets": ["List", "Get"], "keys": [], "certificates": []}}),
        ),
        (
            "AZKeyVaultAccessPolicy",
            json!({"objectId": "AAAAAAAA-0000-0000-0000-000000000002", "keyVaultId": vault,
                   "permissions": {"secrets": ["List"], "keys": [], "certificates": []}}),
        ),
        (
            "AZServicePrincipal",
            json!({"id": "33333333-0000-0000-0000-000000000001", "appId": "44444444-0000-0000-0000-000000000001",
                   "tenantId": "T1", "appOwnerOrganizationId": "T2"}),
        ),
        (
            "AZServicePrincipal",
            json!({"id": "33333333-0000-0000-0000-000000000002", "appId": "44444444-0000-0000-0000-000000000002",
                   "tenantId": "T1", "appOwnerOrganizationId": "t1"}),
        ),
    ]);
    let opens = |who: &str| {
        let radius = reach(&loaded, who, Regime::BestCase);
        radius
            .systems
            .iter()
            .any(|s| s.reach.id == format!("azure:{}", vault.to_lowercase()))
    };
    assert!(opens("entra:aaaaaaaa-0000-0000-0000-000000000001"));
    // Who may only list the names of secrets holds nothing, and nothing else is said of them.
    let said = |who: &str| {
        let known = &loaded.inventory.records;
        known.identities.iter().any(|i| i.id == who) || known.grants.iter().any(|g| g.holder == who)
    };
    assert!(!said("entra:aaaaaaaa-0000-0000-0000-000000000002"));
    // An application that stands in another tenant is somebody else's.
    let foreign = |app: &str| {
        let found = loaded.inventory.records.identities.iter().find(|i| i.id == app);
        found.and_then(|i| i.third_party)
    };
    assert_eq!(foreign("entra:44444444-0000-0000-0000-000000000001"), Some(true));
    assert_eq!(foreign("entra:44444444-0000-0000-0000-000000000002"), None);
}

#[test]
fn a_permission_known_by_number_is_one_of_graph_unless_its_resource_calls_it_otherwise() {
    let assigned = |id: &str, resource: &str| {
        let data = json!({
            "id": id, "principalId": "client", "principalType": "ServicePrincipal",
            "appRoleId": "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8", "resourceId": resource
        });
        ("AZAppRoleAssignment", data)
    };
    let principal = |object: &str, app: &str, roles: Value| {
        let data = json!({
            "id": object, "appId": app, "servicePrincipalType": "Application", "appRoles": roles
        });
        ("AZServicePrincipal", data)
    };
    let own = json!([{"id": "9E3F62CF-CA93-4989-B6CE-BF83C28F9FE8", "value": "Tea.Make"}]);
    let loaded = collection(&[
        principal("client", "app-client", json!([])),
        principal("kettle", "app-kettle", own),
        principal("plain", "app-plain", json!([])),
        assigned("to-kettle", "kettle"),
        assigned("to-plain", "plain"),
        assigned("to-unknown", "nobody-knows"),
    ]);
    let scopes = |id: &str| -> Vec<String> {
        let all = loaded.inventory.records.grants.iter();
        let mut of = all.filter(|grant| grant.common.id.as_deref() == Some(id));
        of.next()
            .expect("it is there")
            .scopes
            .iter()
            .map(ToString::to_string)
            .collect()
    };
    let of_graph = ["RoleManagement.ReadWrite.Directory@00000003-0000-0000-c000-000000000000"];
    assert_eq!(scopes("to-kettle"), ["Tea.Make@app-kettle"]);
    assert_eq!(scopes("to-plain"), of_graph);
    assert_eq!(scopes("to-unknown"), of_graph);
}
