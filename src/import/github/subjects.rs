//! Subjects of the OIDC tokens that workflow runs get: the classic form, the one with ids, and templates.

use super::estate::{Owner, Repo};
use crate::model::Time;

/// Who issues the tokens.
pub const ISSUER: &str = "https://token.actions.githubusercontent.com";

/// What a run is about; it decides the subject.
#[derive(Clone, Copy, Debug)]
pub enum Context<'a> {
    /// A branch or a tag, in full.
    Ref(&'a str),
    /// A pull request.
    PullRequest,
    /// A deployment to an environment; it hides the ref.
    Environment(&'a str),
}

impl Context<'_> {
    fn text(self) -> String {
        match self {
            Self::Ref(name) => format!("ref:{name}"),
            Self::PullRequest => "pull_request".to_owned(),
            // A colon parts the subject, so one in a name is written otherwise.
            Self::Environment(name) => format!("environment:{}", name.replace(':', "%3A")),
        }
    }
}

/// A subject, or all of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Id of its identity.
    pub id: String,
    /// The subject or the pattern itself.
    pub text: String,
    /// Whether tokens have this form for certain.
    pub sure: bool,
}

/// From this day on repositories get subjects with ids unless they say otherwise.
const IMMUTABLE_SINCE: &str = "2026-07-15T00:00:00Z";

/// The subjects a run of a repository may have, by what it is about; `workflow` is the path of the workflow, where it
/// is a certain one.
pub fn of(repo: &Repo, owner: &Owner, context: Context, workflow: Option<&str>) -> Vec<Subject> {
    let mut found = Vec::new();
    let stated = repo.subjects.as_ref();
    let keys = stated.and_then(|s| s.keys.clone()).filter(|k| !k.is_empty());
    let owners = owner
        .subjects
        .as_ref()
        .and_then(|s| s.keys.clone())
        .filter(|k| !k.is_empty());
    // Which template holds, and whether that is certain.
    let templates: Vec<(Option<Vec<String>>, bool)> = match stated.map(|s| s.use_default) {
        Some(Some(true)) => vec![(None, true)],
        Some(_) if keys.is_some() => vec![(keys, true)],
        Some(Some(false)) => vec![(owners, true)],
        // An organisation's template holds for the repositories that chose it, which is not told.
        _ if owners.is_some() => vec![(None, true), (owners, false)],
        _ => vec![(None, true)],
    };
    let immutable = stated
        .and_then(|s| s.immutable)
        .or_else(|| owner.subjects.as_ref().and_then(|s| s.immutable));
    let young = repo
        .created_at
        .is_some_and(|at| IMMUTABLE_SINCE.parse::<Time>().is_ok_and(|since| at >= since));
    let ids = owner.id.zip(repo.id);
    for (keys, chosen) in templates {
        let classic = format!("{}/{}", repo.owner, repo.name);
        if immutable != Some(true) {
            found.push(one(
                repo,
                owner,
                &classic,
                context,
                workflow,
                keys.as_deref(),
                chosen && !young,
            ));
        }
        if let Some((owner_id, repo_id)) = ids.filter(|_| immutable != Some(false)) {
            let long = format!("{}@{owner_id}/{}@{repo_id}", repo.owner, repo.name);
            let sure = chosen && (immutable == Some(true) || young);
            found.push(one(repo, owner, &long, context, workflow, keys.as_deref(), sure));
        }
    }
    found
}

fn one(
    repo: &Repo,
    owner: &Owner,
    name: &str,
    context: Context,
    workflow: Option<&str>,
    keys: Option<&[String]>,
    mut sure: bool,
) -> Subject {
    let reference = match context {
        Context::Ref(reference) => Some(reference.to_owned()),
        _ => None,
    };
    let default = ["repo".to_owned(), "context".to_owned()];
    let mut parts = Vec::new();
    let mut known = true;
    let mut any = || {
        known = false;
        "*".to_owned()
    };
    for key in keys.unwrap_or(&default) {
        let full = format!("{}/{}", repo.owner, repo.name);
        let value = match key.as_str() {
            "context" => {
                parts.push(context.text());
                continue;
            }
            "repo" => name.to_owned(),
            "repository" => full,
            "repository_owner" => repo.owner.clone(),
            "repository_id" => repo.id.map_or_else(&mut any, |id| id.to_string()),
            "repository_owner_id" => owner.id.map_or_else(&mut any, |id| id.to_string()),
            "repository_visibility" => repo.visibility.clone().unwrap_or_else(&mut any),
            "environment" => match context {
                Context::Environment(environment) => environment.replace(':', "%3A"),
                _ => String::new(),
            },
            "ref" => reference.clone().unwrap_or_else(&mut any),
            // Whoever pushes can name a workflow as they like, and this one is where it is.
            "job_workflow_ref" | "workflow_ref" => {
                let path = workflow.map_or_else(|| "*".to_owned(), str::to_owned);
                if workflow.is_none() || reference.is_none() {
                    let _ = any();
                }
                format!("{full}/{path}@{}", reference.clone().unwrap_or_else(|| "*".to_owned()))
            }
            _ => any(),
        };
        parts.push(format!("{key}:{value}"));
    }
    sure &= known;
    let text = parts.join(":");
    let parting = if known { '#' } else { '~' };
    Subject {
        id: format!("oidc:{ISSUER}{parting}{text}"),
        text,
        sure,
    }
}

#[cfg(test)]
mod tests {
    use super::super::estate::Template;
    use super::*;

    fn texts(repo: &Repo, owner: &Owner, context: Context) -> Vec<(String, bool)> {
        of(repo, owner, context, None)
            .into_iter()
            .map(|s| (s.text, s.sure))
            .collect()
    }

    #[test]
    fn both_forms_and_templates() {
        let mut repo = Repo {
            owner: "Acme".to_owned(),
            name: "Shop".to_owned(),
            ..Repo::default()
        };
        let mut owner = Owner::default();
        let main = Context::Ref("refs/heads/main");
        let classic = "repo:Acme/Shop:ref:refs/heads/main".to_owned();
        let long = "repo:Acme@7/Shop@9:ref:refs/heads/main".to_owned();
        assert_eq!(texts(&repo, &owner, main), [(classic.clone(), true)]);
        (owner.id, repo.id) = (Some(7), Some(9));
        assert_eq!(
            texts(&repo, &owner, main),
            [(classic.clone(), true), (long.clone(), false)]
        );
        repo.created_at = "2026-08-01T00:00:00Z".parse().ok();
        assert_eq!(texts(&repo, &owner, main), [(classic, false), (long.clone(), true)]);
        repo.subjects = Some(Template {
            immutable: Some(true),
            ..Template::default()
        });
        assert_eq!(texts(&repo, &owner, main), [(long, true)]);
        assert_eq!(
            texts(&repo, &owner, Context::Environment("a:b")),
            [("repo:Acme@7/Shop@9:environment:a%3Ab".to_owned(), true)]
        );
        repo.subjects = Some(Template {
            use_default: Some(false),
            keys: Some(vec![
                "repository_owner".to_owned(),
                "context".to_owned(),
                "actor".to_owned(),
            ]),
            immutable: Some(false),
        });
        repo.created_at = None;
        assert_eq!(
            texts(&repo, &owner, Context::PullRequest),
            [("repository_owner:Acme:pull_request:actor:*".to_owned(), false)]
        );
    }
}
