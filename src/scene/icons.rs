//! Phosphor icons by name, and which one a kind of thing wears. Each is one character of the faces
//! [`Face::Icon`](super::display::Face::Icon), `IconBold` and `IconFill`.

/// `key`
pub const KEY: char = '\u{E2D6}';
/// `ticket`
pub const TICKET: char = '\u{E490}';
/// `certificate`
pub const CERTIFICATE: char = '\u{E766}';
/// `password`
pub const PASSWORD: char = '\u{E752}';
/// `terminal`
pub const TERMINAL: char = '\u{E47E}';
/// `signature`
pub const SIGNATURE: char = '\u{EBAC}';
/// `identification-badge`
pub const IDENTIFICATION_BADGE: char = '\u{E6F6}';
/// `user-circle-gear`
pub const USER_CIRCLE_GEAR: char = '\u{E4C6}';
/// `mask-happy`
pub const MASK_HAPPY: char = '\u{E9F4}';
/// `app-window`
pub const APP_WINDOW: char = '\u{E5DA}';
/// `robot`
pub const ROBOT: char = '\u{E762}';
/// `flow-arrow`
pub const FLOW_ARROW: char = '\u{E6EC}';
/// `cpu`
pub const CPU: char = '\u{E610}';
/// `device-mobile`
pub const DEVICE_MOBILE: char = '\u{E1E0}';
/// `user`
pub const USER: char = '\u{E4C2}';
/// `users`
pub const USERS: char = '\u{E4D6}';
/// `database`
pub const DATABASE: char = '\u{E1DE}';
/// `cloud`
pub const CLOUD: char = '\u{E1AA}';
/// `cube`
pub const CUBE: char = '\u{E1DA}';
/// `git-branch`
pub const GIT_BRANCH: char = '\u{E278}';
/// `package`
pub const PACKAGE: char = '\u{E390}';
/// `lock-simple`
pub const LOCK_SIMPLE: char = '\u{E308}';
/// `globe`
pub const GLOBE: char = '\u{E288}';
/// `hard-drives`
pub const HARD_DRIVES: char = '\u{E2A0}';
/// `shield-check`
pub const SHIELD_CHECK: char = '\u{E40C}';
/// `stack`
pub const STACK: char = '\u{E466}';
/// `tree-structure`
pub const TREE_STRUCTURE: char = '\u{E67C}';
/// `file-text`
pub const FILE_TEXT: char = '\u{E23A}';
/// `map-pin`
pub const MAP_PIN: char = '\u{E316}';
/// `crown-simple`
pub const CROWN_SIMPLE: char = '\u{E616}';
/// `lightning`
pub const LIGHTNING: char = '\u{E2DE}';
/// Two things joined.
pub const LINK: char = '\u{E2E2}';
/// `link-break`
pub const LINK_BREAK: char = '\u{E2E4}';
/// `hourglass-low`
pub const HOURGLASS_LOW: char = '\u{E2B6}';
/// `push-pin`
pub const PUSH_PIN: char = '\u{E3E2}';
/// `arrow-counter-clockwise`
pub const ARROW_COUNTER_CLOCKWISE: char = '\u{E038}';
/// `arrow-clockwise`
pub const ARROW_CLOCKWISE: char = '\u{E036}';
/// `arrow-right`
pub const ARROW_RIGHT: char = '\u{E06C}';
/// `arrow-left`
pub const ARROW_LEFT: char = '\u{E058}';
/// `caret-down`
pub const CARET_DOWN: char = '\u{E136}';
/// `caret-up`
pub const CARET_UP: char = '\u{E13C}';
/// `caret-left`
pub const CARET_LEFT: char = '\u{E138}';
/// `caret-right`
pub const CARET_RIGHT: char = '\u{E13A}';
/// `magnifying-glass`
pub const MAGNIFYING_GLASS: char = '\u{E30C}';
/// `funnel`
pub const FUNNEL: char = '\u{E266}';
/// `eye`
pub const EYE: char = '\u{E220}';
/// `warning`
pub const WARNING: char = '\u{E4E0}';
/// `warning-circle`
pub const WARNING_CIRCLE: char = '\u{E4E2}';
/// `info`
pub const INFO: char = '\u{E2CE}';
/// `check`
pub const CHECK: char = '\u{E182}';
/// `check-circle`
pub const CHECK_CIRCLE: char = '\u{E184}';
/// `x`
pub const X: char = '\u{E4F6}';
/// `corners-out`
pub const CORNERS_OUT: char = '\u{E1D0}';
/// `dots-three`
pub const DOTS_THREE: char = '\u{E1FE}';
/// `upload-simple`
pub const UPLOAD_SIMPLE: char = '\u{E4C0}';
/// `folder-open`
pub const FOLDER_OPEN: char = '\u{E256}';
/// `clock`
pub const CLOCK: char = '\u{E19A}';
/// `calendar-blank`
pub const CALENDAR_BLANK: char = '\u{E10A}';
/// `circle-half`
pub const CIRCLE_HALF: char = '\u{E18C}';
/// `question`
pub const QUESTION: char = '\u{E3E8}';
/// `plus`
pub const PLUS: char = '\u{E3D4}';
/// `minus`
pub const MINUS: char = '\u{E32A}';
/// `trash`
pub const TRASH: char = '\u{E4A6}';

use crate::model::{CredentialKind, IdentityKind};

/// The icon of a kind of credential; none for an unknown kind.
#[must_use]
pub fn of_credential(kind: Option<CredentialKind>) -> Option<char> {
    Some(match kind? {
        CredentialKind::ApiKey | CredentialKind::AccessKey => KEY,
        CredentialKind::OauthToken | CredentialKind::RefreshToken | CredentialKind::Jwt | CredentialKind::Session => {
            TICKET
        }
        CredentialKind::Certificate => CERTIFICATE,
        CredentialKind::SshKey => TERMINAL,
        CredentialKind::Password => PASSWORD,
        CredentialKind::FederatedAssertion => IDENTIFICATION_BADGE,
        CredentialKind::SigningKey => SIGNATURE,
        CredentialKind::Other => return None,
    })
}

/// The icon of a kind of identity; none for an unknown kind.
#[must_use]
pub fn of_identity(kind: Option<IdentityKind>) -> Option<char> {
    Some(match kind? {
        IdentityKind::ServiceAccount => USER_CIRCLE_GEAR,
        IdentityKind::Role => MASK_HAPPY,
        IdentityKind::App => APP_WINDOW,
        IdentityKind::Agent => ROBOT,
        IdentityKind::Pipeline => FLOW_ARROW,
        IdentityKind::Workload => CPU,
        IdentityKind::Device => DEVICE_MOBILE,
        IdentityKind::Group => USERS,
        IdentityKind::Human => USER,
        IdentityKind::Other => return None,
    })
}

/// What a system's free kind says, word by word: the first word that is known decides.
const SYSTEM_KINDS: &[(char, &[&str])] = &[
    (
        DATABASE,
        &["database", "db", "warehouse", "table", "rds", "dynamodb", "lake"],
    ),
    (LOCK_SIMPLE, &["vault", "secrets", "secret", "secretsmanager"]),
    (SHIELD_CHECK, &["signing", "keys", "kms", "hsm", "security"]),
    (CUBE, &["cluster", "kubernetes", "k8s", "namespace", "eks"]),
    (CLOUD, &["cloud", "account", "subscription", "project"]),
    (
        GIT_BRANCH,
        &["repository", "repo", "code", "git", "organisation", "organization"],
    ),
    (PACKAGE, &["registry", "package", "packages", "artifact", "cache"]),
    (HARD_DRIVES, &["host", "server", "vm", "mirror", "bastion", "instance"]),
    (STACK, &["queue", "bus", "stream", "topic", "events", "sns", "sqs"]),
    (
        TREE_STRUCTURE,
        &[
            "network", "dns", "waf", "gateway", "proxy", "edge", "cdn", "vpn", "load",
        ],
    ),
    (
        FILE_TEXT,
        &[
            "store", "bucket", "storage", "backup", "log", "logs", "file", "files", "s3", "state",
        ],
    ),
    (DEVICE_MOBILE, &["device", "devices", "laptop", "endpoint"]),
    (
        FLOW_ARROW,
        &["pipeline", "ci", "cd", "automation", "build", "workflow", "job"],
    ),
    (ROBOT, &["agent", "tool", "model"]),
    (IDENTIFICATION_BADGE, &["idp", "identity", "issuer", "sso", "directory"]),
    (GLOBE, &["saas", "website", "web", "crm", "vendor", "chat"]),
    (
        APP_WINDOW,
        &["api", "app", "application", "service", "function", "lambda", "console"],
    ),
];

/// The icon of a system's kind, which is free text; none where no word of it is known.
#[must_use]
pub fn of_system(kind: Option<&str>) -> Option<char> {
    let lower = kind?.to_ascii_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty())
        .collect();
    SYSTEM_KINDS
        .iter()
        .find(|(_, known)| known.iter().any(|k| words.contains(k)))
        .map(|(icon, _)| *icon)
}

/// Of a system's kind the words that everybody knows, which give it its icon; none where it has no such word.
#[must_use]
pub fn known_words(kind: &str) -> Option<String> {
    let known: Vec<&str> = kind
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|w| {
            let lower = w.to_ascii_lowercase();
            SYSTEM_KINDS.iter().any(|(_, words)| words.contains(&lower.as_str()))
        })
        .collect();
    (!known.is_empty()).then(|| known.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_wears_the_icon_of_its_kind() {
        for (kind, icon) in [
            ("database", Some(DATABASE)),
            ("secret store", Some(LOCK_SIMPLE)),
            ("API", Some(APP_WINDOW)),
            ("message-queue", Some(STACK)),
            ("saas", Some(GLOBE)),
            ("flux capacitor", None),
        ] {
            assert_eq!(of_system(Some(kind)), icon, "{kind}");
        }
        assert_eq!(of_system(None), None);
    }
}
