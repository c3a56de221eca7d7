//! The seven kinds of record, as the native format states them. A field is `None` where it is not stated; a stated
//! empty list is `Some(vec![])`. List fields compare as sets and are kept sorted and without repeats once loaded.
//! No field can hold a secret's value.

use super::{Extra, List, Places, Rare, Text, Time};
use ecow::EcoVec;
use std::collections::BTreeMap;

macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl $name {
            /// Every value, in the order of the format's text.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// As written in the native format.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// Read from the native format's text; `None` for anything else.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

text_enum! {
    /// How much a system matters. Weights: 100, 10, 3, 1.
    Criticality {
        /// What must not fall.
        CrownJewel = "crown-jewel",
        /// Matters much.
        High = "high",
        /// The default.
        Medium = "medium",
        /// Matters little.
        Low = "low",
    }
}

impl Criticality {
    /// What a system of this criticality adds to the weight of a blast radius.
    #[must_use]
    pub fn weight(self) -> u64 {
        match self {
            Self::CrownJewel => 100,
            Self::High => 10,
            Self::Medium => 3,
            Self::Low => 1,
        }
    }
}

text_enum! {
    /// What sort of identity.
    IdentityKind {
        /// Service account.
        ServiceAccount = "service-account",
        /// Role.
        Role = "role",
        /// Application registration.
        App = "app",
        /// AI agent.
        Agent = "agent",
        /// CI pipeline.
        Pipeline = "pipeline",
        /// Workload.
        Workload = "workload",
        /// Device.
        Device = "device",
        /// Group; members belong to it through inherits with `how: membership`.
        Group = "group",
        /// A person.
        Human = "human",
        /// Anything else.
        Other = "other",
    }
}

text_enum! {
    /// Whether an identity is in use.
    IdentityStatus {
        /// It is; the default.
        Active = "active",
        /// Nothing is reached as it.
        Disabled = "disabled",
    }
}

text_enum! {
    /// What sort of credential.
    CredentialKind {
        /// API key.
        ApiKey = "api-key",
        /// Cloud access key.
        AccessKey = "access-key",
        /// OAuth access token.
        OauthToken = "oauth-token",
        /// Refresh token; it mints access tokens.
        RefreshToken = "refresh-token",
        /// JSON Web Token; self-contained unless stated otherwise.
        Jwt = "jwt",
        /// X.509 certificate; self-contained unless stated otherwise.
        Certificate = "certificate",
        /// SSH key.
        SshKey = "ssh-key",
        /// Password.
        Password = "password",
        /// Session.
        Session = "session",
        /// SAML or OIDC assertion; self-contained unless stated otherwise.
        FederatedAssertion = "federated-assertion",
        /// Signing key; what it mints is forged at will.
        SigningKey = "signing-key",
        /// Anything else.
        Other = "other",
    }
}

text_enum! {
    /// Where a credential stands in its life.
    CredentialStatus {
        /// In use; the default.
        Active = "active",
        /// Switched off.
        Disabled = "disabled",
        /// Revoked.
        Revoked = "revoked",
        /// Past its time.
        Expired = "expired",
    }
}

text_enum! {
    /// How an exposure gives what it yields.
    ExposureHow {
        /// It lies there.
        Stored = "stored",
        /// It is mounted there.
        Mounted = "mounted",
        /// It can be made there at will.
        Minted = "minted",
        /// A copy lies there; rotation does not reach it.
        Copied = "copied",
        /// It was written to a log; rotation does not reach it.
        Logged = "logged",
        /// It follows from what is there.
        Derived = "derived",
    }
}

text_enum! {
    /// How one identity becomes another.
    InheritHow {
        /// Role assumption.
        AssumeRole = "assume-role",
        /// Impersonation.
        Impersonation = "impersonation",
        /// Group membership; names its `from` and requires nothing.
        Membership = "membership",
        /// An agent acting with its parent's rights.
        Agent = "agent",
        /// Federation.
        Federation = "federation",
        /// A platform's privilege escalation; cannot be removed, only starved of its permissions.
        Escalation = "escalation",
    }
}

text_enum! {
    /// The checks an accepting system may make, in the order they are always shown: A I S C R.
    Check {
        /// Is the credential meant for this system?
        Audience = "audience",
        /// Was it issued by somebody this system takes?
        Issuer = "issuer",
        /// Does what it allows end at its scopes?
        Scope = "scope",
        /// Is it used where it belongs?
        Context = "context",
        /// Is it still good?
        Revocation = "revocation",
    }
}

impl Check {
    /// The one letter that stands for it on a gate.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Audience => 'A',
            Self::Issuer => 'I',
            Self::Scope => 'S',
            Self::Context => 'C',
            Self::Revocation => 'R',
        }
    }
}

/// What the inventory says of a system's checks; `None` where it says nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Validates {
    /// Compares the token's audience with its own names.
    pub audience: Option<bool>,
    /// Takes only tokens of the issuers it names.
    pub issuer: Option<bool>,
    /// Holds a credential to its scopes.
    pub scope: Option<bool>,
    /// Looks at where a credential is used.
    pub context: Option<bool>,
    /// Asks whether a credential was revoked.
    pub revocation: Option<bool>,
    /// Unknown members, kept.
    pub extra: Extra,
}

impl Validates {
    /// What is stated of one check.
    #[must_use]
    pub fn get(&self, check: Check) -> Option<bool> {
        match check {
            Check::Audience => self.audience,
            Check::Issuer => self.issuer,
            Check::Scope => self.scope,
            Check::Context => self.context,
            Check::Revocation => self.revocation,
        }
    }

    /// The statement of one check, to change it.
    pub fn get_mut(&mut self, check: Check) -> &mut Option<bool> {
        match check {
            Check::Audience => &mut self.audience,
            Check::Issuer => &mut self.issuer,
            Check::Scope => &mut self.scope,
            Check::Context => &mut self.context,
            Check::Revocation => &mut self.revocation,
        }
    }
}

/// Whatever admits callers or holds data or credentials.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct System {
    /// Its id; one space with identities and credentials.
    pub id: Text,
    /// Its name for people.
    pub name: Option<Text>,
    /// Free text, for instance `database`.
    pub kind: Option<Text>,
    /// For instance `aws`, `k8s`.
    pub platform: Option<Text>,
    /// For instance `prod`.
    pub environment: Option<Text>,
    /// Who answers for it.
    pub owner: Option<Text>,
    /// Run by somebody else; false where not stated.
    pub third_party: Option<bool>,
    /// Medium where not stated.
    pub criticality: Option<Criticality>,
    /// Ids of the systems whose tokens it takes.
    pub accepts_issuers: Option<List>,
    /// What a token must say to be meant for it; its own id where not stated.
    pub accepts_audiences: Option<List>,
    /// What it checks.
    pub validates: Validates,
    /// Free labels.
    pub tags: List,
    /// Anything a source says besides.
    pub attributes: Extra,
    /// Unknown members, kept.
    pub extra: Extra,
    /// Every place that states it, in load order.
    pub places: Places,
}

/// Whatever permissions are given to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Identity {
    /// Its id; one space with systems and credentials.
    pub id: Text,
    /// Its name for people.
    pub name: Option<Text>,
    /// What sort.
    pub kind: Option<IdentityKind>,
    /// For instance `aws`, `k8s`.
    pub platform: Option<Text>,
    /// For instance `prod`.
    pub environment: Option<Text>,
    /// Who answers for it.
    pub owner: Option<Text>,
    /// Somebody else's; false where not stated.
    pub third_party: Option<bool>,
    /// Active where not stated.
    pub status: Option<IdentityStatus>,
    /// Free labels; `break-glass` keeps its flows in use.
    pub tags: List,
    /// Anything a source says besides.
    pub attributes: Extra,
    /// Unknown members, kept.
    pub extra: Extra,
    /// Every place that states it, in load order.
    pub places: Places,
}

/// Whatever can be held, copied, leaked, revoked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Credential {
    /// Its id; one space with systems and identities.
    pub id: Text,
    /// Its name for people.
    pub name: Option<Text>,
    /// What sort.
    pub kind: Option<CredentialKind>,
    /// Id of the identity it authenticates.
    pub identity: Option<Text>,
    /// Id of the system that issued it.
    pub issuer: Option<Text>,
    /// Whom it is meant for: system ids, or what the token says.
    pub audience: Option<List>,
    /// What it allows at most: patterns.
    pub scopes: Option<List>,
    /// Names of the contexts it may be used in.
    pub contexts: Option<List>,
    /// An acceptor can check it without asking the issuer; see [`Credential::is_self_contained`].
    pub self_contained: Option<bool>,
    /// Active where not stated.
    pub status: Option<CredentialStatus>,
    /// When it was issued.
    pub issued_at: Option<Time>,
    /// When it stops.
    pub expires_at: Option<Time>,
    /// When it was last rotated.
    pub rotated_at: Option<Time>,
    /// When it was last used.
    pub last_used_at: Option<Time>,
    /// Who answers for it.
    pub owner: Option<Text>,
    /// A public id, for instance an access-key id or a client id.
    pub public_id: Option<Text>,
    /// A keyed fingerprint; never a plain hash of a short secret.
    pub fingerprint: Option<Text>,
    /// It was found where it should not be.
    pub leaked: Option<bool>,
    /// Free labels.
    pub tags: List,
    /// Anything a source says besides.
    pub attributes: Extra,
    /// Unknown members, kept.
    pub extra: Extra,
    /// Every place that states it, in load order.
    pub places: Places,
}

impl Credential {
    /// Whether an acceptor can check it without asking the issuer: as stated, else by kind.
    #[must_use]
    pub fn is_self_contained(&self) -> bool {
        self.self_contained.unwrap_or(matches!(
            self.kind,
            Some(CredentialKind::Jwt | CredentialKind::Certificate | CredentialKind::FederatedAssertion)
        ))
    }
}

/// What every relation has besides its own fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RelationCommon {
    /// The id a source states.
    pub id: Option<Text>,
    /// What its name has behind the id or the ends where those do not tell it from another: the beginning of a hash of
    /// what it says. Found when an inventory is put together; there may be a million of these.
    pub own_hash: Option<[u8; 4]>,
    /// Meant to be so; true where not stated.
    pub intended: Option<bool>,
    /// Not stated by any source but taken as possible; false where not stated.
    pub assumed: Option<bool>,
    /// When it was last used.
    pub last_used_at: Option<Time>,
    /// Where the knowledge comes from; texts of several sources are united with `; `.
    pub evidence: Option<Text>,
    /// Anything a source says besides.
    pub attributes: Extra,
    /// What few relations have.
    pub rest: Rare<Rest>,
    /// Every place that states it, in load order.
    pub places: Places,
}

/// What few relations have besides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rest {
    /// All of its name, where that is neither its id nor its ends nor either with a short hash behind.
    pub own_name: Option<Text>,
    /// Unknown members, kept.
    pub extra: Extra,
    /// Unknown members of objects inside the record, kept, by where they stand: `yields`, or the text of a requirement
    /// (see [`Requirement::key`]).
    pub inner: BTreeMap<String, Extra>,
}

impl RelationCommon {
    /// Unknown members.
    #[must_use]
    pub fn unknown(&self) -> Option<&Extra> {
        self.rest.get().map(|rest| &rest.extra)
    }

    /// The unknown members of an object inside the record; see [`Rest::inner`].
    #[must_use]
    pub fn unknown_inside(&self, at: &str) -> Option<&Extra> {
        self.rest.get()?.inner.get(at)
    }

    /// Forgets what was found out of its name when an inventory was put together.
    pub fn forget_name(&mut self) {
        self.own_hash = None;
        if self.rest.get().is_some() {
            let rest = self.rest.take();
            self.rest = Rest { own_name: None, ..rest }.into();
        }
    }

    /// Meant to be so.
    #[must_use]
    pub fn is_intended(&self) -> bool {
        self.intended.unwrap_or(true)
    }

    /// Exists in the worst case alone.
    #[must_use]
    pub fn is_assumed(&self) -> bool {
        self.assumed.unwrap_or(false)
    }
}

/// A permission of a credential or an identity at a system.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grant {
    /// Id, name, flags, places.
    pub common: RelationCommon,
    /// Id of a credential or an identity.
    pub holder: Text,
    /// Id of a system.
    pub system: Text,
    /// What is allowed: patterns.
    pub scopes: List,
    /// Nothing outside these: a permission boundary, a session policy.
    pub within: Option<List>,
    /// What is denied within this grant.
    pub except: List,
    /// What logs show in use.
    pub used_scopes: Option<List>,
}

/// From where an exposure gives.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExposureFrom {
    /// Whoever has access to this system gets it.
    System(Text),
    /// Whoever holds this credential can mint or unlock it.
    Credential(Text),
    /// Whoever acts as this identity gets it.
    Identity(Text),
}

impl ExposureFrom {
    /// Where it gives from, by id.
    #[must_use]
    pub fn id(&self) -> &Text {
        let (Self::System(id) | Self::Credential(id) | Self::Identity(id)) = self;
        id
    }
}

/// What an exposure gives.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Yields {
    /// A credential, by id.
    Credential(Text),
    /// An identity to act as, by id.
    Identity(Text),
    /// A context, by name.
    Context(Text),
}

impl Default for ExposureFrom {
    fn default() -> Self {
        Self::System(Text::new())
    }
}

impl Default for Yields {
    fn default() -> Self {
        Self::Credential(Text::new())
    }
}

/// A place where a credential lies or is handed out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exposure {
    /// Id, name, flags, places.
    pub common: RelationCommon,
    /// Where it lies.
    pub from: ExposureFrom,
    /// With a system only: any one of these patterns is needed.
    pub requires: List,
    /// What one gets.
    pub yields: Yields,
    /// In which way, where stated.
    pub how: Option<ExposureHow>,
}

/// A pattern that must be allowed at a system.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Requirement {
    /// Id of a system.
    pub system: Text,
    /// The pattern.
    pub scope: Text,
}

impl Requirement {
    /// What [`RelationCommon::inner`] calls it.
    #[must_use]
    pub fn key(&self) -> String {
        format!("requires_all {} {}", self.system, self.scope)
    }
}

/// Requirements, shared by their copies.
pub type Requirements = EcoVec<Requirement>;

/// Becoming another identity.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inherit {
    /// Id, name, flags, places.
    pub common: RelationCommon,
    /// Id of an identity; any identity where absent.
    pub from: Option<Text>,
    /// Id of an identity.
    pub to: Text,
    /// What `from` must be able to do: all of it.
    pub requires_all: Requirements,
    /// A token presented for it must be for one of these.
    pub audiences: Option<List>,
    /// In which way, where stated.
    pub how: Option<InheritHow>,
}

/// A token exchange on the way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exchange {
    /// Only these pass.
    pub scopes: List,
    /// Unknown members, kept.
    pub extra: Extra,
}

/// Access to one system that passes on to another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trust {
    /// Id, name, flags, places.
    pub common: RelationCommon,
    /// Id of the system that is trusted.
    pub from: Text,
    /// Id of the system that trusts.
    pub to: Text,
    /// Any one of these patterns is needed at `from`.
    pub requires: List,
    /// What passes without an exchange.
    pub scopes: List,
    /// The hop performs a token exchange and passes only its scopes.
    pub exchange: Option<Exchange>,
}
