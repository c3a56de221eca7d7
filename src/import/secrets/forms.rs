//! Known forms of secrets.

/// Whether a text holds what is known to be the form of a secret.
#[must_use]
pub fn is_secret(text: &str) -> bool {
    // Nothing shorter has a known form, and nearly every text ends here.
    if text.len() < 14 {
        return false;
    }
    // One pass looks where a form could begin: every text of every record comes by here.
    let bytes = text.as_bytes();
    let is_word = |at: usize| bytes.get(at).is_some_and(|byte| CLASS[*byte as usize] & WORD != 0);
    let (mut equals, mut tilde, mut slashes) = (false, false, false);
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if !is_word(at) {
            equals |= byte == b'=';
            tilde |= byte == b'~';
            slashes |= byte == b'/';
            at += 1;
            continue;
        }
        // A form's first two bytes are letters, so what stands before them is whole.
        if CLASS[byte as usize] & BEGINS != 0 && begins_with(bytes, at) && begins_secret(text, at) {
            return true;
        }
        while is_word(at) {
            at += 1;
        }
    }
    (tilde && has_entra_secret(text)) || (slashes && has_password_in_url(text)) || (equals && has_assignment(text))
}

/// Bits of [`CLASS`]: a letter or digit.
const WORD: u8 = 1;
/// A known form begins with it.
const BEGINS: u8 = 2;

/// What a byte is.
const CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        if (byte as u8).is_ascii_alphanumeric() {
            class[byte] |= WORD;
        }
        byte += 1;
    }
    let mut form = 0;
    while form < FORMS.len() {
        class[FORMS[form].prefix.as_bytes()[0] as usize] |= BEGINS;
        form += 1;
    }
    let mut other = 0;
    while other < OTHERS.len() {
        class[OTHERS[other].as_bytes()[0] as usize] |= BEGINS;
        other += 1;
    }
    class
};

/// Of each two bytes whether a known form begins with them: a bit each.
const PAIRS: [u64; 1024] = {
    let mut pairs = [0; 1024];
    let mut form = 0;
    while form < FORMS.len() {
        let prefix = FORMS[form].prefix.as_bytes();
        pairs[prefix[0] as usize * 4 + prefix[1] as usize / 64] |= 1 << (prefix[1] % 64);
        form += 1;
    }
    let mut other = 0;
    while other < OTHERS.len() {
        let prefix = OTHERS[other].as_bytes();
        pairs[prefix[0] as usize * 4 + prefix[1] as usize / 64] |= 1 << (prefix[1] % 64);
        other += 1;
    }
    pairs
};

fn begins_with(bytes: &[u8], at: usize) -> bool {
    match bytes[at..] {
        [a, b, ..] => PAIRS[usize::from(a) * 4 + usize::from(b) / 64] & (1 << (b % 64)) != 0,
        _ => false,
    }
}

/// Beginnings of forms that are more than a prefix and what follows.
const OTHERS: [&str; 4] = ["PRIVATE KEY", "PuTTY-User-Key-File", "LS0tLS1CRUdJTi", "eyJ"];

/// Whether a known form begins at this position, before which no letter or digit stands (`ask-…` holds no `sk-`).
fn begins_secret(text: &str, at: usize) -> bool {
    let here = &text[at..];
    let first = &here.as_bytes()[..2.min(here.len())];
    FORMS
        .iter()
        .any(|form| form.prefix.as_bytes()[..2] == *first && form.begins(here))
        || (here.starts_with("PRIVATE KEY") && text[..at].contains("BEGIN "))
        || here.starts_with("PuTTY-User-Key-File")
        // A private key wrapped in base64; certificates and public keys are public.
        || here
            .strip_prefix("LS0tLS1CRUdJTi")
            .is_some_and(|rest| !rest.starts_with("BDRVJU") && !rest.starts_with("BQVUJM"))
        || is_web_token(here)
}

/// Whether a text under this key is the secret half of an AWS access key: 40 characters of base64 where the key speaks
/// of a secret or a key.
pub(super) fn is_aws_secret(key: &str, text: &str) -> bool {
    // Few texts are as long.
    text.len() == 40
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'/' || b == b'+')
        && text.bytes().any(|b| b.is_ascii_lowercase())
        && text.bytes().any(|b| b.is_ascii_uppercase())
        && {
            let key = key.to_ascii_lowercase();
            key.contains("secret") || key.contains("key") || key.contains("aws")
        }
}

/// What follows a prefix.
#[derive(Clone, Copy)]
enum Rest {
    /// Letters and digits.
    Alnum,
    /// Letters, digits, `_`.
    Word,
    /// Letters, digits, `_`, `-`, `.`, which must look random: names are written with them too.
    Random,
    /// Base64.
    Base64,
}

struct Form {
    prefix: &'static str,
    rest: Rest,
    least: usize,
}

const fn form(prefix: &'static str, rest: Rest, least: usize) -> Form {
    Form { prefix, rest, least }
}

const FORMS: &[Form] = &[
    // GitHub, GitLab
    form("ghp_", Rest::Alnum, 20),
    form("gho_", Rest::Alnum, 20),
    form("ghu_", Rest::Alnum, 20),
    form("ghs_", Rest::Alnum, 20),
    form("ghr_", Rest::Alnum, 20),
    form("github_pat_", Rest::Word, 20),
    form("glpat-", Rest::Random, 16),
    form("gldt-", Rest::Random, 16),
    form("glrt-", Rest::Random, 16),
    // Slack
    form("xoxb-", Rest::Random, 10),
    form("xoxp-", Rest::Random, 10),
    form("xoxa-", Rest::Random, 10),
    form("xoxr-", Rest::Random, 10),
    form("xoxs-", Rest::Random, 10),
    form("xoxe-", Rest::Random, 10),
    form("xoxe.", Rest::Random, 10),
    form("xapp-", Rest::Random, 10),
    form("hooks.slack.com/services/T", Rest::Base64, 20),
    // Google
    form("AIza", Rest::Random, 30),
    form("ya29.", Rest::Random, 20),
    form("GOCSPX-", Rest::Random, 20),
    // AWS session tokens; access-key ids are public
    form("FwoGZXIvYXdzE", Rest::Base64, 60),
    form("IQoJb3JpZ2lu", Rest::Base64, 60),
    // Models
    form("sk-", Rest::Random, 20),
    form("hf_", Rest::Alnum, 30),
    // Payment, mail, packages, hosts
    form("sk_live_", Rest::Alnum, 16),
    form("sk_test_", Rest::Alnum, 16),
    form("rk_live_", Rest::Alnum, 16),
    form("whsec_", Rest::Base64, 20),
    form("SG.", Rest::Random, 40),
    form("npm_", Rest::Alnum, 30),
    form("pypi-AgE", Rest::Random, 30),
    form("dckr_pat_", Rest::Random, 20),
    form("dop_v1_", Rest::Alnum, 40),
    form("shpat_", Rest::Alnum, 30),
    form("shpss_", Rest::Alnum, 30),
    form("dapi", Rest::Alnum, 32),
    form("tskey-auth-", Rest::Random, 16),
    form("xkeysib-", Rest::Random, 40),
    form("lin_api_", Rest::Alnum, 30),
    form("PMAK-", Rest::Random, 40),
    form("NRAK-", Rest::Alnum, 20),
    // Vaults and keys
    form("hvs.", Rest::Random, 20),
    form("hvb.", Rest::Random, 20),
    form("hvr.", Rest::Random, 20),
    form("AGE-SECRET-KEY-1", Rest::Alnum, 40),
    form("ops_eyJ", Rest::Base64, 40),
    // Azure storage, service bus
    form("AccountKey=", Rest::Base64, 30),
    form("SharedAccessKey=", Rest::Base64, 30),
    // `Authorization: Bearer …`
    form("Bearer ", Rest::Random, 20),
];

impl Form {
    /// Whether a text begins with this form.
    fn begins(&self, text: &str) -> bool {
        let Some(rest) = text.strip_prefix(self.prefix) else {
            return false;
        };
        let len = rest.find(|c| !self.takes(c)).unwrap_or(rest.len());
        len >= self.least && (!matches!(self.rest, Rest::Random) || looks_random(&rest[..len]))
    }

    fn takes(&self, c: char) -> bool {
        c.is_ascii_alphanumeric()
            || match self.rest {
                Rest::Alnum => false,
                Rest::Word => c == '_',
                Rest::Random => matches!(c, '_' | '-' | '.'),
                Rest::Base64 => matches!(c, '/' | '+' | '=' | '_' | '-'),
            }
    }
}

/// Whether a text is no words somebody chose: cases and digits mixed, or a long run of letters and digits, or of digits.
fn looks_random(text: &str) -> bool {
    let has = |f: fn(&u8) -> bool| text.bytes().any(|b| f(&b));
    let mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    let runs = || text.split(|c: char| !c.is_ascii_alphanumeric());
    mixed
        || runs().any(|run| run.len() >= 16 && run.bytes().any(|b| b.is_ascii_digit()))
        || runs().any(|run| run.len() >= 10 && run.bytes().all(|b| b.is_ascii_digit()))
}

/// A JSON Web Token: two parts that are JSON objects in base64, whatever follows.
fn is_web_token(text: &str) -> bool {
    let base64url = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '=');
    let Some((header, payload)) = text.split_once('.') else {
        return false;
    };
    let payload_len = payload.find(|c| !base64url(c)).unwrap_or(payload.len());
    header.len() >= 12
        && header.starts_with("eyJ")
        && header.chars().all(base64url)
        && payload.starts_with("eyJ")
        && payload_len >= 8
}

/// A client secret as Entra makes them: `abc8Q~` and 34 characters more.
fn has_entra_secret(text: &str) -> bool {
    let bytes = text.as_bytes();
    text.match_indices("Q~").any(|(at, _)| {
        let rest = &text[at + 2..];
        let takes = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '~');
        let len = rest.find(|c| !takes(c)).unwrap_or(rest.len());
        at >= 4 && bytes[at - 1].is_ascii_digit() && len >= 30
    })
}

/// `scheme://user:password@host`
fn has_password_in_url(text: &str) -> bool {
    // What follows an issuer in an id is a subject or a pattern of subjects, which may well be `repo:org@1/repo@2`.
    let text = match text.strip_prefix("oidc:") {
        Some(issuer) => &issuer[..issuer.find(['#', '~']).unwrap_or(issuer.len())],
        None => text,
    };
    text.match_indices("://").any(|(at, found)| {
        let rest = &text[at + found.len()..];
        let authority = &rest[..rest.find(|c: char| c == '/' || c.is_whitespace()).unwrap_or(rest.len())];
        let Some((user, _)) = authority.rsplit_once('@') else {
            return false;
        };
        match user.split_once(':') {
            Some((_, password)) => password.chars().any(|c| c != '*' && c != 'x' && c != '.'),
            None => false,
        }
    })
}

/// `password=…` in a text.
fn has_assignment(text: &str) -> bool {
    let Some(mut at) = text.find('=') else { return false };
    loop {
        let name = text[..at].trim_end();
        let begin = name
            .rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-')
            .map_or(0, |i| i + name[i..].chars().next().map_or(1, char::len_utf8));
        let value = text[at + 1..].trim_start().trim_start_matches(['"', '\'']);
        let len = value
            .find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ';' | '&' | ')'))
            .unwrap_or(value.len());
        let value = &value[..len];
        let a_word = value.chars().all(|c| c.is_ascii_lowercase());
        if value.chars().count() >= 8
            && !a_word
            && !value.contains(['*', '$', '<', '{', '@', ':'])
            && super::is_secret_key(&name[begin..])
        {
            return true;
        }
        match text[at + 1..].find('=') {
            Some(next) => at += 1 + next,
            None => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Put together at run time, so that no scanner takes this file for a leak.
    fn planted() -> Vec<String> {
        let tail = "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8";
        vec![
            format!("ghp_{tail}"),
            format!("see gho_{tail}."),
            format!("github_pat_{tail}"),
            format!("glpat-{}", &tail[..20]),
            format!("xoxb-{}-{}", 123_456_789_012_u64, &tail[..24]),
            format!("AIza{}", &tail[..35]),
            format!("sk-proj-{tail}"),
            format!("sk-{tail}"),
            format!("-----BEGIN {} KEY-----", "RSA PRIVATE"),
            format!("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.{tail}"),
            format!("https://bot:{}@example.org/x", "hunter2"),
            format!("abc8Q~{tail}"),
            format!("export DB_PASSWORD={}", "Tr0ub4dor&3"),
            format!("AccountKey={tail}=="),
            format!("Authorization: Bearer {tail}"),
            format!("LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVkt{tail}"),
        ]
    }

    #[test]
    fn known_forms_of_secrets_are_found() {
        for text in planted() {
            assert!(is_secret(&text), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_one_passes() {
        for text in [
            "arn:aws:iam::123456789012:role/deploy",
            "AKIAIOSFODNN7EXAMPLE",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf",
            "iam:PassRole@arn:aws:iam::123456789012:role/*",
            "risk-assessment-service-production-primary",
            "ask-me-anything-service-account-2",
            "sk-prod-deployment-service-account",
            "glpat-deploy-token-of-the-web-team",
            "xoxb-of-the-deploy-bot",
            "oidc:https://token.actions.githubusercontent.com#repo:acme@123456/shop@456789:ref:refs/heads/main",
            "oidc:https://token.actions.githubusercontent.com~repo:acme@123456/*",
            "finding:github-pat:9f86d081884c7d659a2feaa0c55ad015",
            "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "https://token.actions.githubusercontent.com",
            "get@https://api.example.org:443/v1",
            "oidc:https://issuer#repo:acme/web:ref:refs/heads/main",
            "password=*",
            "secret=<name>",
            "aws:RequestTag/Token=deploy",
            "-----BEGIN CERTIFICATE-----",
            "resource type=secret, name=prod/database",
            "token = arn:aws:secretsmanager:eu:1:secret:x",
            "eyJ",
            "",
        ] {
            assert!(!is_secret(text), "{text}");
        }
    }

    #[test]
    fn an_aws_secret_is_known_under_a_key_that_speaks_of_one() {
        let text = ["wJalrXUtnFEMI/K7MDENG", "/bPxRfiCYEXAMPLEKEY"].concat();
        assert!(is_aws_secret("aws_key", &text));
        assert!(!is_aws_secret("path", &text));
        assert!(!is_aws_secret("key", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"));
    }

    /// As [`is_secret`], asking at every place for every form.
    fn plainly(text: &str) -> bool {
        let begins = text.char_indices().any(|(at, _)| {
            let before = text[..at].chars().next_back();
            !before.is_some_and(|c| c.is_ascii_alphanumeric())
                && (FORMS.iter().any(|form| form.begins(&text[at..])) || begins_secret(text, at))
        });
        text.len() >= 14 && (begins || has_entra_secret(text) || has_password_in_url(text) || has_assignment(text))
    }

    #[test]
    fn the_one_pass_finds_what_asking_everywhere_finds() {
        let planted = planted();
        let mut parts: Vec<&str> = planted.iter().map(String::as_str).collect();
        parts.extend([
            "é", "a", "7", "_", "-", "=", "/", " ", "~", "://", "@", "service", "Putter", "ghp", "sk-", "é-",
        ]);
        let mut state = 3_u64;
        let mut secrets = 0;
        for _ in 0..20_000 {
            let mut text = String::new();
            for _ in 0..4 {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                let (part, cut) = (parts[(state >> 33) as usize % parts.len()], (state >> 20) as usize % 40);
                text.push_str(&part[part.floor_char_boundary(cut.min(part.len()) / 2)..]);
            }
            assert_eq!(is_secret(&text), plainly(&text), "{text}");
            secrets += usize::from(is_secret(&text));
        }
        assert!((1000..19_000).contains(&secrets), "{secrets}");
    }
}
