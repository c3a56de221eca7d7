//! Answers of AWS beside the account's authorization details: key lists, identity providers, secrets, functions, EKS.
//! Each file says a part; what needs two of them (a resource's policy and its callers' denials, a key's id and its slot
//! in the credential report) is put together by [`family::Together`].

mod eks;
pub mod family;
mod keys;
mod lambda;
mod providers;
mod resource;
mod secrets;

use super::super::documents::{broken, documents};
use super::super::json::Member;
use super::super::{Answer, Importer, Input, Peek};
use super::lenient::Log;
use crate::model::{Fragment, Piece, Records};
use serde_json::Value;

/// The name pieces of AWS carry.
pub const FAMILY: &str = "aws";

/// One kind of answer.
pub struct Service {
    name: &'static str,
    describe: &'static str,
    /// Whether an answer is of this kind.
    takes: fn(&Peek) -> bool,
    /// Reads one answer, which stands at a pointer.
    read: fn(&mut Reader, &Value, &str),
}

/// `aws iam list-access-keys`
pub static ACCESS_KEYS: Service = Service {
    name: "aws-access-keys",
    describe: "AWS access keys of users: aws iam list-access-keys",
    takes: |peek| lists(peek, "AccessKeyMetadata"),
    read: keys::read,
};

/// `aws iam list-open-id-connect-providers`, `get-open-id-connect-provider`, `list-saml-providers`
pub static PROVIDERS: Service = Service {
    name: "aws-identity-providers",
    describe: "AWS identity providers: aws iam list-saml-providers, get-open-id-connect-provider",
    takes: |peek| {
        lists(peek, "SAMLProviderList")
            || lists(peek, "OpenIDConnectProviderList")
            || (peek.has("Url") && lists(peek, "ClientIDList"))
    },
    read: providers::read,
};

/// `aws secretsmanager list-secrets`, `get-resource-policy`
pub static SECRETS: Service = Service {
    name: "aws-secrets",
    describe: "AWS Secrets Manager: aws secretsmanager list-secrets, get-resource-policy",
    takes: |peek| {
        let named = |service: &str| {
            peek.member("ARN")
                .and_then(Member::as_text)
                .is_some_and(|a| a.starts_with("arn:") && a.split(':').nth(2) == Some(service))
        };
        lists(peek, "SecretList") || (named("secretsmanager") && peek.has("Name"))
    },
    read: secrets::read,
};

/// `aws lambda list-functions`, `get-policy`
pub static LAMBDA: Service = Service {
    name: "aws-lambda",
    describe: "AWS Lambda functions and their policies: aws lambda list-functions, get-policy",
    takes: |peek| {
        let functions = lists(peek, "Functions") && peek.head().contains("\"FunctionArn\"");
        let policy = peek.member("Policy").and_then(Member::as_text);
        functions || policy.is_some_and(|p| p.contains("\"Statement\"") && p.contains(":lambda:"))
    },
    read: lambda::read,
};

/// `aws eks describe-cluster`, `describe-pod-identity-association`, `describe-access-entry`,
/// `list-associated-access-policies`
pub static EKS: Service = Service {
    name: "aws-eks",
    describe: "AWS EKS clusters, pod identities and access entries: aws eks describe-cluster, \
               list-pod-identity-associations, describe-pod-identity-association, describe-access-entry, \
               list-associated-access-policies",
    takes: |peek| {
        let head = peek.head();
        let of_eks = head.contains("arn:aws") && head.contains(":eks:");
        of_eks
            && (["associations", "accessEntries", "associatedAccessPolicies"]
                .iter()
                .any(|key| lists(peek, key))
                || ["association", "accessEntry"].iter().any(|key| peek.has(key))
                || (peek.has("cluster") && head.contains(":cluster/")))
    },
    read: eks::read,
};

fn lists(peek: &Peek, key: &str) -> bool {
    peek.member(key).is_some_and(Member::is_array)
}

impl Importer for Service {
    fn name(&self) -> &'static str {
        self.name
    }

    fn describe(&self) -> &'static str {
        self.describe
    }

    fn recognise(&self, peek: &Peek) -> Answer {
        if (self.takes)(peek) {
            Answer::Certain
        } else {
            Answer::No
        }
    }

    fn read(&self, input: &Input) -> Fragment {
        let mut reader = Reader {
            log: Log::new(input),
            records: Records::default(),
            pieces: Vec::new(),
            complete: true,
        };
        // Scripts write one answer after the other into a file, or a list of them.
        let found = documents(input.text);
        if found.documents.is_empty() {
            return Fragment {
                refused: Some(found.problem.unwrap_or_else(|| "it holds no answer".to_owned())),
                ..Fragment::default()
            };
        }
        reader.complete = found.whole;
        reader.log.said.extend(broken(&found, input.whole()));
        for value in &found.documents {
            let (items, listed) = match value {
                Value::Array(items) => (items.as_slice(), true),
                one => (std::slice::from_ref(one), false),
            };
            for (i, item) in items.iter().enumerate() {
                if input.cancelled() {
                    return Fragment::default();
                }
                // Lost in a broken text.
                if item.is_null() {
                    continue;
                }
                let pointer = if listed { format!("/{i}") } else { String::new() };
                reader.page(item, &pointer);
                (self.read)(&mut reader, item, &pointer);
            }
        }
        Fragment {
            records: reader.records,
            pieces: reader.pieces,
            complete: reader.complete,
            diagnostics: reader.log.finish(),
            ..Fragment::default()
        }
    }
}

/// What a file gave so far.
pub struct Reader<'i, 'a> {
    /// What was odd.
    pub log: Log<'i, 'a>,
    /// What is certain by itself.
    pub records: Records,
    /// What needs other files.
    pub pieces: Vec<Piece>,
    complete: bool,
}

impl Reader<'_, '_> {
    /// Says so where an answer is not the last page.
    fn page(&mut self, value: &Value, pointer: &str) {
        let goes_on = value.get("IsTruncated").and_then(Value::as_bool) == Some(true)
            || ["Marker", "NextToken", "nextToken", "NextMarker"]
                .iter()
                .any(|k| value.get(k).and_then(Value::as_str).is_some_and(|t| !t.is_empty()));
        if goes_on {
            self.complete = false;
            self.log.warning(
                "incomplete-export",
                pointer,
                "The answer goes on: it ends with a marker, and what is on the pages that follow is missing",
            );
        }
    }
}
