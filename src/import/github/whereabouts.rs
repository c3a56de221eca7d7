//! Which organisation, repository and environment an answer is of. Most answers do not say: a link in them does, or
//! the folders and the name of their file.

use super::facts::Whereabouts;
use crate::import::tree::Value;

/// What a file's name says. Folders as in the path of the call (`repos/OWNER/REPO/…`, `orgs/OWNER/…`,
/// `environments/NAME/…`) say it outright, so does a name whose parts are joined by `__`; other folders are kept for
/// comparison with repositories that are known.
#[must_use]
pub fn of_name(name: &str) -> Whereabouts {
    let name = name.replace('\\', "/");
    let base = name.rsplit('/').next().unwrap_or_default();
    let stem = base
        .trim_end_matches(".gz")
        .trim_end_matches(".json")
        .trim_end_matches(".yaml")
        .trim_end_matches(".yml")
        .to_owned();
    let folders: Vec<String> = name
        .split('/')
        .take(name.split('/').count().saturating_sub(1))
        .map(str::to_owned)
        .chain(stem.split("__").map(str::to_owned))
        .filter(|part| !part.is_empty() && part != ".")
        .collect();
    let mut found = Whereabouts {
        stem: stem.as_str().into(),
        ..Whereabouts::default()
    };
    let valid = |part: &&String| is_name(part);
    for (i, part) in folders.iter().enumerate() {
        match part.as_str() {
            "repos" => {
                if let (Some(owner), Some(repo)) = (folders.get(i + 1).filter(valid), folders.get(i + 2).filter(valid))
                {
                    found.owner = Some(owner.clone());
                    found.repo = Some(repo.clone());
                }
            }
            "orgs" | "organizations" => {
                if let Some(owner) = folders.get(i + 1).filter(valid) {
                    found.owner = Some(owner.clone());
                }
            }
            "environments" => {
                if let Some(environment) = folders.get(i + 1) {
                    found.environment = Some(environment.clone());
                }
            }
            _ => {}
        }
    }
    found.folders = folders.into();
    found
}

/// A login or a repository's name.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 100
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// What links in an answer say, over what the file's name says: a link is of the thing itself.
#[must_use]
pub fn of_links(item: &Value, mut found: Whereabouts) -> Whereabouts {
    for key in LINKS {
        let Some(link) = item.get(key).and_then(Value::as_str) else {
            continue;
        };
        if let Some((owner, repo)) = repository(link) {
            found.owner = Some(owner);
            found.repo = Some(repo);
            return found;
        }
        if let Some(owner) = organisation(link) {
            found.owner = Some(owner);
        }
    }
    let link = item.get("repositories_url").and_then(Value::as_str).unwrap_or_default();
    found.owner_id = number_after(link, "/organizations");
    found
}

/// Members whose links are of the thing itself, not of a user that is somewhere in it.
const LINKS: &[&str] = &[
    "repository_url",
    "protection_url",
    "url",
    "html_url",
    "badge_url",
    "selected_repositories_url",
];

/// Owner and repository in a link to something of a repository.
#[must_use]
pub fn repository(link: &str) -> Option<(String, String)> {
    let path = path(link)?;
    let mut steps = path.split('/').filter(|s| !s.is_empty());
    let api = link.contains("//api.") || link.contains("/api/v3/");
    let (owner, repo) = if api {
        steps.find(|s| *s == "repos")?;
        (steps.next()?, steps.next()?)
    } else {
        let owner = steps.next()?;
        if matches!(
            owner,
            "orgs" | "apps" | "organizations" | "settings" | "users" | "enterprises"
        ) {
            return None;
        }
        (owner, steps.next()?)
    };
    (is_name(owner) && is_name(repo)).then(|| (owner.to_owned(), repo.to_owned()))
}

/// The organisation in a link to something of one.
#[must_use]
pub fn organisation(link: &str) -> Option<String> {
    let path = path(link)?;
    let mut steps = path.split('/').filter(|s| !s.is_empty());
    steps.find(|s| matches!(*s, "orgs" | "organizations"))?;
    let owner = steps.next()?;
    // A number is an organisation too, but one without a name.
    (is_name(owner) && !owner.bytes().all(|b| b.is_ascii_digit())).then(|| owner.to_owned())
}

/// The path of a link without its host and query.
fn path(link: &str) -> Option<&str> {
    let rest = link.strip_prefix("https://").or_else(|| link.strip_prefix("http://"))?;
    let (_, path) = rest.split_once('/')?;
    Some(path.split(['?', '#', '{']).next().unwrap_or_default())
}

/// The number after a word in a link, for instance of an installation.
#[must_use]
pub fn number_after(link: &str, word: &str) -> Option<u64> {
    let (_, rest) = link.split_once(word)?;
    let digits: String = rest
        .trim_start_matches(['/', '-', '_'])
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_tell() {
        let check = |name: &str, owner: Option<&str>, repo: Option<&str>, environment: Option<&str>| {
            let found = of_name(name);
            assert_eq!(found.owner.as_deref(), owner, "{name}");
            assert_eq!(found.repo.as_deref(), repo, "{name}");
            assert_eq!(found.environment.as_deref(), environment, "{name}");
        };
        check(
            "dump/repos/Acme/Shop/actions/secrets.json",
            Some("Acme"),
            Some("Shop"),
            None,
        );
        check(
            "repos/a/b/environments/prod/secrets.json",
            Some("a"),
            Some("b"),
            Some("prod"),
        );
        check("orgs/acme/installations.json", Some("acme"), None, None);
        check("repos__acme__shop__keys.json", Some("acme"), Some("shop"), None);
        check("home/me/secrets.json", None, None, None);
        check("repos/x", None, None, None);
    }

    #[test]
    fn links_tell() {
        let check = |link: &str, want: Option<(&str, &str)>| {
            let found = repository(link);
            assert_eq!(found.as_ref().map(|(o, r)| (o.as_str(), r.as_str())), want, "{link}");
        };
        check("https://api.github.com/repos/o/r/environments/e", Some(("o", "r")));
        check("https://ghe.example/api/v3/repos/o/r", Some(("o", "r")));
        check("https://github.com/o/r/blob/main/x", Some(("o", "r")));
        check("https://github.com/orgs/o/teams/t", None);
        check("https://api.github.com/users/octocat", None);
        check("https://github.com/octocat", None);
        check("no link", None);
        assert_eq!(organisation("https://github.com/orgs/o/teams/t").as_deref(), Some("o"));
        assert_eq!(organisation("https://api.github.com/organizations/42/x"), None);
        assert_eq!(
            number_after("https://x/personal-access-tokens/25/r", "personal-access-tokens"),
            Some(25)
        );
    }
}
