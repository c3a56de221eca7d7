//! Azure as AzureHound collects it: who has which role where, which resources run with a managed identity, and who may
//! read what a vault holds. All roles are grants at one system, the tenant's Azure, on the resources' ids, so that an
//! assignment to a subscription holds for what is in it; ids are compared without case.

use super::Fact;
use super::directory::{Directory, id, list, text};
use super::records::{in_file, principal};
use crate::import::github::out::{Out, Says};
use crate::import::tree::Value;
use crate::model::{Criticality, ExposureFrom, ExposureHow, FileId, Place, System, Yields};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// The kinds that are read here.
pub const KINDS: &[&str] = &[
    "AZAutomationAccount",
    "AZAutomationAccountRoleAssignment",
    "AZContainerRegistry",
    "AZContainerRegistryRoleAssignment",
    "AZFunctionApp",
    "AZFunctionAppRoleAssignment",
    "AZKeyVault",
    "AZKeyVaultAccessPolicy",
    "AZKeyVaultRoleAssignment",
    "AZLogicApp",
    "AZLogicAppRoleAssignment",
    "AZManagedCluster",
    "AZManagedClusterRoleAssignment",
    "AZManagementGroupDescendant",
    "AZManagementGroupRoleAssignment",
    "AZResourceGroupRoleAssignment",
    "AZSubscriptionRoleAssignment",
    "AZVM",
    "AZVMRoleAssignment",
    "AZVMScaleSet",
    "AZVMScaleSetRoleAssignment",
    "AZWebApp",
    "AZWebAppRoleAssignment",
];

/// What a role allows.
struct Role {
    name: String,
    operations: Vec<String>,
    except: Vec<String>,
}

/// Which operations hand out the token of what a kind of resource runs as.
struct RunsAs {
    noun: String,
    operations: Vec<String>,
    source: String,
}

struct Tables {
    roles: BTreeMap<String, Role>,
    identities: BTreeMap<String, RunsAs>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let table = Value::at_start(include_str!("../../../assets/import/azure-roles.json"), &[]);
    let texts = |row: &Value, key: &str| -> Vec<String> {
        list(row, key)
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    };
    let roles = list(&table, "roles").iter().filter_map(|row| {
        let role = Role {
            name: text(row, "name")?,
            operations: texts(row, "operations"),
            except: texts(row, "except"),
        };
        Some((text(row, "id")?, role))
    });
    let identities = list(&table, "identities").iter().filter_map(|row| {
        let runs = RunsAs {
            noun: text(row, "noun")?,
            operations: texts(row, "operations"),
            source: text(row, "source")?,
        };
        Some((text(row, "kind")?, runs))
    });
    Tables {
        roles: roles.collect(),
        identities: identities.collect(),
    }
});

/// Whoever may do this gives himself whatever he lacks.
const ASSIGN: &str = "microsoft.authorization/roleassignments/write";
/// Reads a secret.
const GET_SECRET: &str = "microsoft.keyvault/vaults/secrets/getsecret/action";
/// Sets who reads secrets.
const SET_POLICY: &str = "microsoft.keyvault/vaults/accesspolicies/write";

/// Makes records of what the facts say of Azure.
pub fn write(directory: &Directory, facts: &[(FileId, &Fact)], out: &mut Out) {
    let mut of_azure = facts.iter().filter(|(_, fact)| KINDS.contains(&fact.kind)).peekable();
    let Some((file, first)) = of_azure.peek() else {
        return;
    };
    let azure = Azure {
        directory,
        id: directory.tenant.replacen("entra:", "azure:", 1),
        children: children(facts),
    };
    let place = in_file(&first.place, *file);
    out.system(
        &place,
        System {
            id: azure.id.as_str().into(),
            name: Some("Azure of the tenant".into()),
            kind: Some("cloud".into()),
            platform: Some("azure".into()),
            ..System::default()
        },
    );
    let mut assigned = BTreeSet::new();
    let mut unknown = BTreeSet::new();
    for (file, fact) in of_azure {
        let (place, value) = (in_file(&fact.place, *file), fact.value());
        match fact.kind {
            "AZManagementGroupDescendant" => {}
            "AZKeyVault" => azure.vault(&value, &place, out),
            "AZKeyVaultAccessPolicy" => azure.access_policy(&value, &place, out),
            kind if kind.ends_with("RoleAssignment") => {
                for key in ["assignees", "roleAssignments"] {
                    for one in list(&value, key) {
                        let assignment = one.get("assignee").or_else(|| one.get("roleAssignment"));
                        if let Some(assignment) = assignment {
                            azure.assignment(assignment, &mut assigned, &mut unknown, &place, out);
                        }
                    }
                }
            }
            kind => azure.runs_as(kind, &value, &place, out),
        }
    }
    if !unknown.is_empty() {
        let message = format!(
            "{} roles of Azure are not among the known ones; what they allow is assumed to be everything where they are assigned",
            unknown.len()
        );
        out.warn(&place, "unknown-role", message);
    }
}

/// Management groups and subscriptions by what they are in.
fn children(facts: &[(FileId, &Fact)]) -> BTreeMap<String, Vec<String>> {
    let mut children: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (_, fact) in facts.iter().filter(|(_, f)| f.kind == "AZManagementGroupDescendant") {
        let value = fact.value();
        let parent = value.pointer("/properties/parent/id").and_then(Value::as_str);
        if let (Some(child), Some(parent)) = (id(&value, "id"), parent) {
            children.entry(parent.to_lowercase()).or_default().push(child);
        }
    }
    children
}

struct Azure<'d> {
    directory: &'d Directory,
    /// Of the system.
    id: String,
    children: BTreeMap<String, Vec<String>>,
}

impl Azure<'_> {
    /// Patterns of the resources an assignment at a scope holds for: of a management group the subscriptions in it.
    fn resources(&self, scope: &str) -> (Vec<String>, bool) {
        let scope = scope.trim_end_matches('/').to_lowercase();
        if scope.is_empty() {
            return (vec!["*".to_owned()], true);
        }
        if !scope.contains("/managementgroups/") {
            return (vec![scope.clone(), format!("{scope}/*")], true);
        }
        let (mut found, mut seen, mut open) = (Vec::new(), BTreeSet::new(), vec![scope]);
        while let Some(group) = open.pop() {
            for child in self.children.get(&group).into_iter().flatten() {
                if !seen.insert(child.clone()) {
                    continue;
                }
                if child.contains("/managementgroups/") {
                    open.push(child.clone());
                } else {
                    found.extend([child.clone(), format!("{child}/*")]);
                }
            }
        }
        if found.is_empty() {
            // No file says what is in it.
            return (vec!["*".to_owned()], false);
        }
        (found, true)
    }

    /// One assignment, which is listed at every resource it holds for.
    fn assignment(
        &self,
        assignment: &Value,
        assigned: &mut BTreeSet<String>,
        unknown: &mut BTreeSet<String>,
        place: &Place,
        out: &mut Out,
    ) {
        let properties = assignment.get("properties").unwrap_or(&Value::Null);
        let (Some(who), Some(role), Some(scope)) = (
            id(properties, "principalId"),
            id(properties, "roleDefinitionId"),
            id(properties, "scope"),
        ) else {
            return;
        };
        let name = id(assignment, "id");
        if name.as_ref().is_some_and(|name| !assigned.insert(name.clone())) {
            return;
        }
        let role = role.rsplit('/').next().unwrap_or_default().to_owned();
        let holder = principal(self.directory, &who, None, place, out);
        let (resources, known) = self.resources(&scope);
        let at = |operations: &[String]| -> Vec<String> {
            let on = |operation: &String| {
                resources
                    .iter()
                    .map(move |r| format!("{operation}@{r}"))
                    .collect::<Vec<_>>()
            };
            operations.iter().flat_map(on).collect()
        };
        let says = |evidence: String| Says {
            id: name.clone(),
            ..Says::sure(evidence)
        };
        match TABLES.roles.get(&role) {
            Some(found) => {
                let says = says(format!("role {} at {scope}", found.name)).assumed(!known);
                out.grant_less(place, &holder, &self.id, at(&found.operations), at(&found.except), says);
            }
            None => {
                let says = says(format!("role {role} at {scope}, which is not known")).assumed(true);
                out.grant(place, &holder, &self.id, at(&["*".to_owned()]), says);
                unknown.insert(role);
            }
        }
    }

    /// A resource that runs with a managed identity gives it to whoever may run something there.
    fn runs_as(&self, kind: &str, value: &Value, place: &Place, out: &mut Out) {
        let (Some(resource), Some(runs)) = (id(value, "id"), TABLES.identities.get(kind)) else {
            return;
        };
        let identity = value.get("identity").unwrap_or(&Value::Null);
        let assigned = identity.get("userAssignedIdentities").and_then(Value::as_object);
        let assigned = assigned
            .into_iter()
            .flatten()
            .filter_map(|(_, one)| id(one, "principalId"));
        let own = id(identity, "principalId").filter(|id| !id.starts_with("00000000-"));
        for object in own.into_iter().chain(assigned) {
            let to = principal(self.directory, &object, Some("ServicePrincipal"), place, out);
            let operations = runs.operations.iter().map(String::as_str).chain([ASSIGN]);
            out.exposes(
                place,
                ExposureFrom::System(self.id.as_str().into()),
                operations.map(|operation| format!("{operation}@{resource}")).collect(),
                Yields::Identity(to.into()),
                ExposureHow::Minted,
                Says::sure(format!(
                    "the {} {} runs with it ({})",
                    runs.noun,
                    name_of(value, &resource),
                    runs.source
                ))
                .unintended(),
            );
        }
    }

    /// What a vault holds is not in the file; who gets in is.
    fn vault(&self, value: &Value, place: &Place, out: &mut Out) {
        let Some(resource) = id(value, "id") else { return };
        let vault = format!("azure:{resource}");
        out.system(
            place,
            System {
                id: vault.as_str().into(),
                name: Some(name_of(value, &resource).into()),
                kind: Some("key-vault".into()),
                platform: Some("azure".into()),
                criticality: Some(Criticality::High),
                ..System::default()
            },
        );
        let requires = [GET_SECRET, SET_POLICY, ASSIGN].map(|operation| format!("{operation}@{resource}"));
        let says = Says::sure("who may read its secrets, or let himself read them");
        let scopes = vec![format!("{GET_SECRET}@{resource}")];
        out.passes(place, &self.id, &vault, requires.into(), scopes, says);
    }

    fn access_policy(&self, value: &Value, place: &Place, out: &mut Out) {
        let (Some(who), Some(vault)) = (id(value, "objectId"), id(value, "keyVaultId")) else {
            return;
        };
        let permissions = value.get("permissions").unwrap_or(&Value::Null);
        let reads = |of: &str| {
            let mut given = list(permissions, of).iter().filter_map(Value::as_str);
            given.any(|one| one.eq_ignore_ascii_case("get") || one.eq_ignore_ascii_case("all"))
        };
        let scopes: Vec<String> = [
            ("secrets", GET_SECRET),
            ("keys", "microsoft.keyvault/vaults/keys/read"),
            ("certificates", "microsoft.keyvault/vaults/certificates/read"),
        ]
        .iter()
        .filter(|(of, _)| reads(of))
        .map(|(_, operation)| format!("{operation}@{vault}"))
        .collect();
        if !scopes.is_empty() {
            let holder = principal(self.directory, &who, None, place, out);
            out.grant(
                place,
                &holder,
                &self.id,
                scopes,
                Says::sure("access policy of the vault"),
            );
        }
    }
}

fn name_of(value: &Value, resource: &str) -> String {
    let last = || resource.rsplit('/').next().unwrap_or(resource).to_owned();
    text(value, "name").unwrap_or_else(last)
}
