//! Keys, tokens and installed apps as records.

use super::access::{Access, app_id, user};
use super::facts::{Account, Fact, ListedFor, Permissions, Selection, Stated, members_of};
use super::out::{Out, Says};
use super::places::{owner_of, system};
use super::scopes::{of_classic, of_permissions, of_role};
use crate::model::{
    Credential, CredentialKind, CredentialStatus, ExposureFrom, ExposureHow, Identity, IdentityKind, IdentityStatus,
    InheritHow, List, Place, Yields,
};
use serde_json::json;

/// Writes a fact about a credential; others say nothing here.
pub fn write(access: &Access, stated: &Stated, out: &mut Out) {
    match &stated.fact {
        Fact::DeployKey { .. } => deploy_key(access, stated, out),
        Fact::Alert { .. } => alert(access, stated, out),
        Fact::Token { .. } => token(access, stated, out),
        Fact::Authorized { .. } => authorized(access, stated, out),
        Fact::Installation { .. } => installation(access, stated, out),
        _ => {}
    }
}

fn deploy_key(access: &Access, stated: &Stated, out: &mut Out) {
    let Fact::DeployKey {
        id,
        title,
        fingerprint,
        read_only,
        enabled,
        created_at,
        last_used,
        added_by,
    } = &stated.fact
    else {
        return;
    };
    let place = &stated.place;
    let home = access.estate.repo_of(stated);
    let credential = format!("github:key:{id}");
    out.credential(
        place,
        Credential {
            id: credential.clone().into(),
            name: title.clone().map(Into::into),
            kind: Some(CredentialKind::SshKey),
            status: (!enabled).then_some(CredentialStatus::Disabled),
            issued_at: *created_at,
            last_used_at: *last_used,
            owner: added_by.clone().map(Into::into),
            public_id: Some(id.to_string().into()),
            fingerprint: fingerprint.clone().map(Into::into),
            ..Credential::default()
        },
    );
    let over = system(owner_of(&home.key));
    let read = vec![format!("contents:read@{}", home.key)];
    let mut write = read.clone();
    write.push(format!("contents:write@{}", home.key));
    write.push(super::scopes::push(&home.key, "*"));
    let says = |words: &str| Says::sure(words.to_owned()).assumed(home.guessed);
    match read_only {
        Some(true) => out.grant(place, &credential, &over, read, says("a deploy key that may read")),
        Some(false) => out.grant(place, &credential, &over, write, says("a deploy key that may write")),
        None => {
            out.grant(place, &credential, &over, read, says("a deploy key"));
            out.grant(
                place,
                &credential,
                &over,
                write,
                says("a deploy key that may write").assumed(true),
            );
        }
    }
}

/// A secret that lies in a repository for whoever may read it.
fn alert(access: &Access, stated: &Stated, out: &mut Out) {
    let Fact::Alert {
        number,
        secret_type,
        name,
        public_id,
        found_at,
        dead,
        public,
    } = &stated.fact
    else {
        return;
    };
    let place = &stated.place;
    let home = access.estate.repo_of(stated);
    let credential = match public_id {
        Some(id) => format!("aws:{id}"),
        None => format!("github:{}/secret-scanning/{number}", home.key),
    };
    let mut one = Credential {
        id: credential.as_str().into(),
        name: name.as_deref().map(Into::into),
        kind: Some(match secret_type.as_str() {
            key if key.contains("access_key") => CredentialKind::AccessKey,
            key if key.contains("ssh") => CredentialKind::SshKey,
            key if key.contains("password") => CredentialKind::Password,
            key if key.contains("token") || key.contains("key") => CredentialKind::ApiKey,
            _ => CredentialKind::Other,
        }),
        status: dead.then_some(CredentialStatus::Revoked),
        leaked: Some(true),
        public_id: public_id.as_deref().map(Into::into),
        ..Credential::default()
    };
    one.attributes.insert("found_as", json!(secret_type));
    if let Some(time) = found_at {
        one.attributes.insert("found_at", json!(time.to_string()));
    }
    if *public {
        one.attributes.insert("publicly_leaked", json!(true));
    }
    out.credential(place, one);
    out.exposes(
        place,
        ExposureFrom::System(system(owner_of(&home.key)).into()),
        vec![format!("contents:read@{}", home.key)],
        Yields::Credential(credential.into()),
        ExposureHow::Stored,
        Says::sure(format!("secret scanning alert {number}"))
            .assumed(home.guessed)
            .unintended(),
    );
    let message =
        "What the secrets that were found open is not said here; load what accepts them, or they open nothing";
    out.warn_once(&Place::new(place.file, ""), "opens-unknown", message.to_owned());
}

fn token(access: &Access, stated: &Stated, out: &mut Out) {
    let Fact::Token {
        id,
        token_id,
        name,
        owner,
        selection,
        repository,
        organisation,
        expired,
        expires_at,
        last_used_at,
        granted_at,
        pending,
    } = &stated.fact
    else {
        return;
    };
    let place = &stated.place;
    let home = access.estate.owner_of(stated);
    let identity = user(owner, place, out);
    let credential = match token_id {
        Some(number) => format!("github:pat:{number}"),
        None => format!("github:{}/personal-access-tokens/{id}", home.key),
    };
    let mut one = Credential {
        id: credential.clone().into(),
        name: name.clone().map(Into::into),
        kind: Some(CredentialKind::ApiKey),
        identity: Some(identity.into()),
        status: expired.then_some(CredentialStatus::Expired),
        issued_at: *granted_at,
        expires_at: *expires_at,
        last_used_at: *last_used_at,
        owner: Some(owner.login.clone().into()),
        public_id: token_id.map(|number| number.to_string()).map(Into::into),
        ..Credential::default()
    };
    one.attributes.insert("token_type".to_owned(), json!("fine-grained"));
    one.attributes.insert("grant".to_owned(), json!(id));
    let (targets, unknown) = access.targets(&home.key, *selection, &ListedFor::Token(*id));
    let mut scopes: Vec<String> = targets
        .iter()
        .flat_map(|target| of_permissions(repository, target))
        .collect();
    scopes.extend(of_permissions(organisation, &home.key));
    if *pending {
        one.attributes.insert("pending".to_owned(), json!(true));
        out.credential(place, one);
        let message = "The token was asked for and not granted, so it opens nothing here yet".to_owned();
        return out.warn(place, "not-granted", message);
    }
    // A token allows what it says and what its owner may do, both at once.
    scopes.sort();
    scopes.dedup();
    let scopes = List::from(scopes);
    one.scopes = Some(scopes.clone());
    out.credential(place, one);
    let says = Says::sure(format!("permissions of the token, granted by {}", home.key));
    let says = says.assumed(home.guessed || (unknown && !repository.is_empty()));
    out.grant_these(place, &credential, &system(&home.key), scopes, says);
    if unknown && !repository.is_empty() {
        list_missing(
            "the token",
            &format!("personal-access-tokens/{id}/repositories"),
            stated,
            out,
        );
    }
}

fn list_missing(what: &str, path: &str, stated: &Stated, out: &mut Out) {
    out.warn(
        &stated.place,
        "unknown-selection",
        format!("Which repositories {what} is for is in no file, so all are assumed; export …/{path} too"),
    );
}

fn authorized(access: &Access, stated: &Stated, out: &mut Out) {
    let Fact::Authorized {
        id,
        kind,
        login,
        title,
        fingerprint,
        scopes,
        authorized_at,
        accessed_at,
        expires_at,
    } = &stated.fact
    else {
        return;
    };
    let place = &stated.place;
    let home = access.estate.owner_of(stated);
    let account = Account {
        login: login.clone(),
        ..Account::default()
    };
    let identity = user(&account, place, out);
    let ssh = kind.to_lowercase().contains("ssh");
    let credential = format!("github:credential:{id}");
    let allowed: Vec<String> = match ssh {
        // A key opens the repositories themselves and nothing else.
        true => vec![
            format!("contents:*@{}/*", home.key),
            super::scopes::push(&format!("{}/*", home.key), "*"),
        ],
        false => scopes.iter().flat_map(|scope| of_classic(scope, &home.key)).collect(),
    };
    let mut one = Credential {
        id: credential.clone().into(),
        name: Some(title.clone().unwrap_or_else(|| format!("{login} ({kind})")).into()),
        kind: Some(if ssh {
            CredentialKind::SshKey
        } else {
            CredentialKind::ApiKey
        }),
        identity: Some(identity.into()),
        scopes: Some(allowed.clone().into()),
        issued_at: *authorized_at,
        expires_at: *expires_at,
        last_used_at: *accessed_at,
        owner: Some(login.clone().into()),
        public_id: Some(id.to_string().into()),
        fingerprint: fingerprint.clone().map(Into::into),
        ..Credential::default()
    };
    if !ssh {
        one.attributes.insert("token_type".to_owned(), json!("classic"));
        one.attributes.insert("classic_scopes".to_owned(), json!(scopes));
    }
    out.credential(place, one);
    if !access.placed.contains(&login.to_lowercase()) {
        // What its owner may do is in no file.
        let scopes = match ssh {
            true => of_role("push", &format!("{}/*", home.key)).unwrap_or_default(),
            false => allowed,
        };
        let says = Says::sure("what its owner may do is in no file").assumed(true);
        out.grant(place, &credential, &system(&home.key), scopes, says);
    }
}

/// Whether a permission of an app is one of the organisation, not of its repositories.
fn is_of_organisation(name: &str) -> bool {
    name.starts_with("organization_") || matches!(name, "members" | "team_discussions" | "emails" | "followers")
}

fn installation(access: &Access, stated: &Stated, out: &mut Out) {
    let Fact::Installation {
        id,
        app_id: number,
        slug,
        selection,
        permissions,
        created_at,
        suspended,
        ..
    } = &stated.fact
    else {
        return;
    };
    let place = &stated.place;
    let home = access.estate.owner_of(stated);
    let app = app_id(slug.as_deref(), *number);
    let shown = slug.clone().unwrap_or_else(|| app.clone());
    let mut one = Identity {
        id: app.clone().into(),
        name: Some(shown.clone().into()),
        kind: Some(IdentityKind::App),
        platform: Some("github".into()),
        ..Identity::default()
    };
    if let Some(number) = number {
        one.attributes.insert("app_id".to_owned(), json!(number));
    }
    out.identity(place, one);
    let identity = format!("github:installation:{id}");
    let mut one = Identity {
        id: identity.clone().into(),
        name: Some(format!("{shown} at {}", home.key).into()),
        kind: Some(IdentityKind::App),
        platform: Some("github".into()),
        status: suspended.then_some(IdentityStatus::Disabled),
        ..Identity::default()
    };
    one.attributes.insert("permissions".to_owned(), members_of(permissions));
    out.identity(place, one);
    let says = Says::sure("an installation has what the app is let pass");
    out.becomes(place, Some(&identity), &app, &[], InheritHow::Membership, says);
    // Every app has a private key; with it, tokens of all its installations are made.
    let key = format!("{app}#private-key");
    let token = format!("{identity}#token");
    out.credential(
        place,
        Credential {
            id: key.clone().into(),
            name: Some(format!("Private key of {shown}").into()),
            kind: Some(CredentialKind::SigningKey),
            owner: Some(shown.clone().into()),
            ..Credential::default()
        },
    );
    out.credential(
        place,
        Credential {
            id: token.clone().into(),
            name: Some(format!("Installation token of {shown} at {}", home.key).into()),
            kind: Some(CredentialKind::OauthToken),
            identity: Some(identity.clone().into()),
            issued_at: *created_at,
            ..Credential::default()
        },
    );
    let says = Says::sure("the app's key makes tokens of the installation");
    out.exposes(
        place,
        ExposureFrom::Credential(key.into()),
        Vec::new(),
        Yields::Credential(token.into()),
        ExposureHow::Minted,
        says,
    );
    let of = |organisation: bool| -> Permissions {
        let these = permissions
            .iter()
            .filter(|(name, _)| is_of_organisation(name) == organisation);
        these.cloned().collect()
    };
    let (of_owner, of_repos) = (of(true), of(false));
    let (targets, unknown) = access.targets(&home.key, *selection, &ListedFor::Installation(*id));
    let scopes = targets
        .iter()
        .flat_map(|target| of_permissions(&of_repos, target))
        .collect();
    let evidence = "permissions of the installation";
    let says = Says::sure(evidence).assumed(home.guessed || unknown);
    out.grant(place, &identity, &system(&home.key), scopes, says);
    let says = Says::sure(evidence).assumed(home.guessed);
    out.grant(
        place,
        &identity,
        &system(&home.key),
        of_permissions(&of_owner, &home.key),
        says,
    );
    if unknown && *selection == Some(Selection::Selected) && !of_repos.is_empty() {
        list_missing(
            "the installation",
            &format!("installations/{id}/repositories"),
            stated,
            out,
        );
    }
}
