//! More answers: roles, keys, tokens, apps, workflows, and how subjects are made.

use super::facts::{Account, Fact, Whereabouts};
use super::read::{Reader, account, is_request};
use super::shape::Shape;
use super::{whereabouts, workflow};
use crate::import::secrets;
use crate::import::tree::Value;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sha2::{Digest, Sha256};

impl Reader<'_, '_> {
    pub fn more(&mut self, shape: Shape, item: &Value, pointer: &str, mut at: Whereabouts) {
        let number = |key: &str| item.get(key).and_then(Value::as_u64);
        let fact = match shape {
            Shape::Roles => {
                let Some(name) = self.text(item, "name", pointer) else {
                    return;
                };
                if let Some(owner) = item.get("organization").and_then(account) {
                    at.owner = Some(owner.login);
                }
                let list = self.log.list(item, "permissions", pointer);
                Fact::Role {
                    id: number("id"),
                    name,
                    base: self.text(item, "base_role", pointer),
                    permissions: list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
                    repository: pointer.contains("custom_roles"),
                }
            }
            Shape::DeployKeys => {
                let Some(id) = number("id") else {
                    let message = "A key of a repository has no id; it was left out";
                    return self.log.error("no-id", pointer, message);
                };
                let key = item.get("key").and_then(Value::as_str);
                Fact::DeployKey {
                    id,
                    title: self.text(item, "title", pointer),
                    fingerprint: key.and_then(fingerprint),
                    read_only: item.get("read_only").and_then(Value::as_bool),
                    enabled: item.get("enabled").and_then(Value::as_bool) != Some(false),
                    created_at: self.log.time(item, "created_at", pointer),
                    last_used: self.log.time(item, "last_used", pointer),
                    added_by: self.text(item, "added_by", pointer),
                }
            }
            Shape::Alerts => {
                let word = |key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default();
                let (Some(number), false) = (number("number"), word("secret_type").is_empty()) else {
                    let message = "An alert of a secret has no number or no type; it was left out";
                    return self.log.error("no-id", pointer, message);
                };
                if word("resolution") == "false_positive" {
                    return;
                }
                Fact::Alert {
                    number,
                    secret_type: word("secret_type").to_owned(),
                    name: self.text(item, "secret_type_display_name", pointer),
                    // An access key's id is public; anything else that was found is not looked at.
                    public_id: Some(word("secret"))
                        .filter(|id| is_access_key_id(id))
                        .map(str::to_owned),
                    found_at: self.log.time(item, "created_at", pointer),
                    dead: word("resolution") == "revoked" || word("validity") == "inactive",
                    public: item.get("publicly_leaked").and_then(Value::as_bool) == Some(true),
                }
            }
            Shape::Tokens => {
                let (Some(id), Some(owner)) = (number("id"), item.get("owner").and_then(account)) else {
                    let message = "A token has no id or no owner; it was left out";
                    return self.log.error("no-id", pointer, message);
                };
                let granted_at = self.log.time(item, "access_granted_at", pointer);
                let lists = item.get("permissions");
                Fact::Token {
                    id,
                    token_id: number("token_id"),
                    name: self.text(item, "token_name", pointer),
                    owner,
                    selection: self.selection(item, "repository_selection", pointer),
                    repository: self.permissions(lists.and_then(|p| p.get("repository"))),
                    organisation: self.permissions(lists.and_then(|p| p.get("organization"))),
                    expired: item.get("token_expired").and_then(Value::as_bool) == Some(true),
                    expires_at: self.log.time(item, "token_expires_at", pointer),
                    last_used_at: self.log.time(item, "token_last_used_at", pointer),
                    pending: granted_at.is_none() && is_request(item),
                    granted_at,
                }
            }
            Shape::Authorizations => {
                let (Some(id), Some(login)) = (number("credential_id"), self.text(item, "login", pointer)) else {
                    let message = "An authorised credential has no id or no login; it was left out";
                    return self.log.error("no-id", pointer, message);
                };
                Fact::Authorized {
                    id,
                    kind: self.text(item, "credential_type", pointer).unwrap_or_default(),
                    login,
                    title: self
                        .text(item, "authorized_credential_title", pointer)
                        .or_else(|| self.text(item, "authorized_credential_note", pointer)),
                    fingerprint: self.text(item, "fingerprint", pointer),
                    scopes: self
                        .log
                        .list(item, "scopes", pointer)
                        .iter()
                        .filter_map(Value::as_str)
                        .map(str::to_owned)
                        .collect(),
                    authorized_at: self.log.time(item, "credential_authorized_at", pointer),
                    accessed_at: self.log.time(item, "credential_accessed_at", pointer),
                    expires_at: self.log.time(item, "authorized_credential_expires_at", pointer),
                }
            }
            Shape::Installations => {
                let Some(id) = number("id") else {
                    let message = "An installation has no id; it was left out";
                    return self.log.error("no-id", pointer, message);
                };
                let account = item.get("account").and_then(account);
                if let Some(Account { login, .. }) = &account {
                    at.owner = Some(login.clone());
                    at.repo = None;
                }
                Fact::Installation {
                    id,
                    app_id: number("app_id"),
                    slug: self.text(item, "app_slug", pointer),
                    account,
                    selection: self.selection(item, "repository_selection", pointer),
                    permissions: self.permissions(item.get("permissions")),
                    created_at: self.log.time(item, "created_at", pointer),
                    suspended: item.get("suspended_at").is_some_and(|v| !v.is_null()),
                }
            }
            Shape::App => {
                let Some(slug) = self.text(item, "slug", pointer) else {
                    return;
                };
                Fact::App {
                    id: number("id"),
                    slug,
                    client_id: self.text(item, "client_id", pointer),
                    owner: item.get("owner").and_then(account),
                    name: self.text(item, "name", pointer),
                }
            }
            Shape::Workflows => {
                let Some(path) = self.text(item, "path", pointer) else {
                    return;
                };
                Fact::WorkflowListed {
                    path,
                    active: item.get("state").and_then(Value::as_str) == Some("active"),
                }
            }
            Shape::Contents => return self.contents(item, pointer, at),
            Shape::Subjects => Fact::Subjects {
                use_default: item.get("use_default").and_then(Value::as_bool),
                keys: item.get("include_claim_keys").and_then(Value::as_array).map(|keys| {
                    let keys = keys.iter().filter_map(Value::as_str);
                    keys.filter_map(secrets::harmless_word).map(str::to_owned).collect()
                }),
                // Its name is not settled in the documentation; whatever speaks of it is taken.
                immutable: item
                    .as_object()
                    .into_iter()
                    .flatten()
                    .filter(|(key, _)| key.contains("immutable"))
                    .find_map(|(_, value)| value.as_bool()),
            },
            Shape::DefaultToken => Fact::DefaultToken {
                write: item.get("default_workflow_permissions").and_then(Value::as_str) == Some("write"),
            },
            // What actions are allowed opens nothing.
            _ => return,
        };
        self.state(pointer, at, fact);
    }

    /// A workflow in the answer about a file's contents.
    fn contents(&mut self, item: &Value, pointer: &str, mut at: Whereabouts) {
        let content = item.get("content").and_then(Value::as_str).unwrap_or_default();
        let packed: String = content.chars().filter(|c| !c.is_whitespace()).collect();
        let bytes = STANDARD.decode(packed).ok();
        let Some(text) = bytes.and_then(|bytes| String::from_utf8(bytes).ok()) else {
            let message = "The contents of a workflow are not base64 of a text; it was left out";
            return self.log.error("bad-contents", pointer, message);
        };
        let path = self.text(item, "path", pointer).unwrap_or_default();
        let link = item.get("url").and_then(Value::as_str).unwrap_or_default();
        if let Some((owner, repo)) = whereabouts::repository(link) {
            at.owner = Some(owner);
            at.repo = Some(repo);
        }
        let (found, problems) = workflow::of_text(&text, &path);
        for problem in problems {
            self.log.warning("bad-workflow", &format!("{pointer}/content"), problem);
        }
        for mut one in found {
            // Its lines are lines of the file that is wrapped, not of this one.
            one.wrapped = true;
            self.state(pointer, at.clone(), Fact::Workflow(Box::new(one)));
        }
    }
}

/// The fingerprint of a public key in the form OpenSSH shows it.
fn fingerprint(key: &str) -> Option<String> {
    let body = key.split_whitespace().nth(1)?;
    let bytes = STANDARD.decode(body).ok()?;
    Some(format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(bytes))))
}

/// `AKIA…`, `ASIA…`: the id of an access key of AWS.
fn is_access_key_id(text: &str) -> bool {
    let rest = text.strip_prefix("AKIA").or_else(|| text.strip_prefix("ASIA"));
    rest.is_some_and(|rest| rest.len() == 16 && rest.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()))
}
