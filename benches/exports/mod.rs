//! Made-up exports of any length, shaped as the tools write them: every member a real object has, in the tools' order
//! and indentation, most of which says nothing of trust. They measure how fast files are read; what they describe is
//! not an estate that could be.

use std::fmt::Write as _;
use std::io::{self, Write};

/// A kind of export: how it is called, and what writes one of about so many bytes.
pub struct Export {
    /// As the importer is called; behind a slash what is special about it.
    pub name: &'static str,
    /// Writes one of about this many bytes.
    pub write: fn(&mut dyn Write, u64) -> io::Result<()>,
}

/// Every kind.
pub const EXPORTS: &[Export] = &[
    Export {
        name: "aws-account-authorization",
        write: |out, bytes| account_authorization(out, bytes, false),
    },
    Export {
        name: "aws-account-authorization/managed",
        write: |out, bytes| account_authorization(out, bytes, true),
    },
    Export {
        name: "kubernetes-objects",
        write: kubernetes,
    },
    Export {
        name: "azurehound",
        write: azurehound,
    },
    Export {
        name: "entra-graph",
        write: graph_principals,
    },
    Export {
        name: "bloodhound-opengraph",
        write: opengraph,
    },
    Export {
        name: "github-rest",
        write: installations,
    },
];

/// Writes items until there are enough bytes; each is made of its number.
fn items(out: &mut dyn Write, bytes: u64, from: u64, mut item: impl FnMut(&mut String, u64)) -> io::Result<u64> {
    let (mut written, mut n) = (0, from);
    let mut text = String::new();
    while written < bytes {
        text.clear();
        if n > from {
            text.push_str(",\n");
        }
        item(&mut text, n);
        out.write_all(text.as_bytes())?;
        written += text.len() as u64;
        n += 1;
    }
    Ok(n)
}

/// A number spread over 64 bits, for ids that look like none is near another.
fn spread(n: u64) -> u64 {
    let z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z ^ (z >> 31)
}

fn guid(n: u64, salt: u64) -> String {
    let (a, b) = (spread(n ^ (salt << 40)), spread(n.wrapping_add(salt)));
    format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        a >> 32,
        (a >> 16) & 0xffff,
        a & 0xfff,
        b >> 52,
        b & 0xffff_ffff_ffff
    )
}

/// `aws iam get-account-authorization-details`: policies, then roles with an inline policy each. Where they are
/// `managed`, each also has a policy of AWS's that allows some two thousand acts, and a boundary.
fn account_authorization(out: &mut dyn Write, bytes: u64, managed: bool) -> io::Result<()> {
    let time = "2025-03-13T18:42:09+00:00";
    let (attached, bound) = match managed {
        false => ("", ""),
        true => (
            r#"
                {
                    "PolicyName": "ReadOnlyAccess",
                    "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"
                },"#,
            r#"
            "PermissionsBoundary": {
                "PermissionsBoundaryType": "Policy",
                "PermissionsBoundaryArn": "arn:aws:iam::aws:policy/PowerUserAccess"
            },"#,
        ),
    };
    out.write_all(b"{\n    \"UserDetailList\": [],\n    \"GroupDetailList\": [],\n    \"Policies\": [\n")?;
    items(out, bytes / 4, 0, |text, n| {
        let _ = write!(
            text,
            r#"        {{
            "PolicyName": "team-{n}-policy",
            "PolicyId": "ANPA{:016X}",
            "Arn": "arn:aws:iam::123456789012:policy/team-{n}-policy",
            "Path": "/",
            "DefaultVersionId": "v2",
            "AttachmentCount": 3,
            "PermissionsBoundaryUsageCount": 0,
            "IsAttachable": true,
            "CreateDate": "{time}",
            "UpdateDate": "{time}",
            "PolicyVersionList": [
                {{
                    "Document": {{
                        "Version": "2012-10-17",
                        "Statement": [
                            {{
                                "Sid": "Objects",
                                "Effect": "Allow",
                                "Action": [
                                    "s3:GetObject",
                                    "s3:PutObject",
                                    "s3:ListBucket"
                                ],
                                "Resource": [
                                    "arn:aws:s3:::team-{n}-data",
                                    "arn:aws:s3:::team-{n}-data/*"
                                ]
                            }}
                        ]
                    }},
                    "VersionId": "v2",
                    "IsDefaultVersion": true,
                    "CreateDate": "{time}"
                }},
                {{
                    "Document": {{
                        "Version": "2012-10-17",
                        "Statement": [
                            {{
                                "Effect": "Allow",
                                "Action": "s3:GetObject",
                                "Resource": "arn:aws:s3:::team-{n}-data/*"
                            }}
                        ]
                    }},
                    "VersionId": "v1",
                    "IsDefaultVersion": false,
                    "CreateDate": "{time}"
                }}
            ]
        }}"#,
            spread(n)
        );
    })?;
    out.write_all(b"\n    ],\n    \"RoleDetailList\": [\n")?;
    items(out, bytes * 3 / 4, 0, |text, n| {
        let service = ["lambda", "ec2", "ecs-tasks", "codebuild"][(n % 4) as usize];
        let _ = write!(
            text,
            r#"        {{
            "Path": "/service/",
            "RoleName": "service-{n}-role",
            "RoleId": "AROA{:016X}",
            "Arn": "arn:aws:iam::123456789012:role/service/service-{n}-role",
            "CreateDate": "{time}",
            "AssumeRolePolicyDocument": {{
                "Version": "2012-10-17",
                "Statement": [
                    {{
                        "Effect": "Allow",
                        "Principal": {{
                            "Service": "{service}.amazonaws.com"
                        }},
                        "Action": "sts:AssumeRole"
                    }}
                ]
            }},
            "InstanceProfileList": [],{bound}
            "RolePolicyList": [
                {{
                    "PolicyName": "inline",
                    "PolicyDocument": {{
                        "Version": "2012-10-17",
                        "Statement": [
                            {{
                                "Effect": "Allow",
                                "Action": [
                                    "secretsmanager:GetSecretValue",
                                    "logs:PutLogEvents",
                                    "dynamodb:GetItem"
                                ],
                                "Resource": [
                                    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:service-{n}-??????",
                                    "arn:aws:logs:eu-west-1:123456789012:log-group:/service/{n}:*",
                                    "arn:aws:dynamodb:eu-west-1:123456789012:table/service-{n}"
                                ]
                            }}
                        ]
                    }}
                }}
            ],
            "AttachedManagedPolicies": [{attached}
                {{
                    "PolicyName": "team-{team}-policy",
                    "PolicyArn": "arn:aws:iam::123456789012:policy/team-{team}-policy"
                }}
            ],
            "Tags": [
                {{
                    "Key": "team",
                    "Value": "team-{team}"
                }}
            ],
            "RoleLastUsed": {{
                "LastUsedDate": "{time}",
                "Region": "eu-west-1"
            }}
        }}"#,
            spread(n),
            team = n % 500
        );
    })?;
    out.write_all(b"\n    ],\n    \"IsTruncated\": false\n}\n")
}

/// `kubectl get ... -A -o json`: for each application a service account, a secret, a role, its binding and a pod.
fn kubernetes(out: &mut dyn Write, bytes: u64) -> io::Result<()> {
    out.write_all(b"{\n    \"apiVersion\": \"v1\",\n    \"items\": [\n")?;
    items(out, bytes, 0, |text, n| {
        let (app, namespace) = (n / 5, format!("team-{}", n / 5 % 200));
        let meta = |name: &str| {
            format!(
                r#"            "metadata": {{
                "annotations": {{
                    "kubectl.kubernetes.io/last-applied-configuration": "{{\"apiVersion\":\"v1\",\"metadata\":{{\"name\":\"{name}\",\"namespace\":\"{namespace}\"}}}}\n",
                    "meta.helm.sh/release-name": "app-{app}",
                    "meta.helm.sh/release-namespace": "{namespace}"
                }},
                "creationTimestamp": "2025-11-04T09:12:44Z",
                "labels": {{
                    "app.kubernetes.io/instance": "app-{app}",
                    "app.kubernetes.io/managed-by": "Helm",
                    "app.kubernetes.io/name": "app-{app}"
                }},
                "name": "{name}",
                "namespace": "{namespace}",
                "resourceVersion": "{}",
                "uid": "{}"
            }}"#,
                n * 17,
                guid(n, 1)
            )
        };
        let _ = match n % 5 {
            0 => write!(
                text,
                "        {{\n            \"apiVersion\": \"v1\",\n            \"kind\": \"ServiceAccount\",\n{}\n        }}",
                meta(&format!("app-{app}"))
            ),
            1 => write!(
                text,
                r#"        {{
            "apiVersion": "v1",
            "data": {{
                "database-url": "cG9zdGdyZXM6Ly9sb2NhbGhvc3Q6NTQzMi9hcHAK",
                "certificate": "{}"
            }},
            "kind": "Secret",
{},
            "type": "Opaque"
        }}"#,
                "QmFzZTY0".repeat(160),
                meta(&format!("app-{app}-secret"))
            ),
            2 => write!(
                text,
                r#"        {{
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "Role",
{},
            "rules": [
                {{
                    "apiGroups": [
                        ""
                    ],
                    "resources": [
                        "configmaps",
                        "pods"
                    ],
                    "verbs": [
                        "get",
                        "list",
                        "watch"
                    ]
                }}
            ]
        }}"#,
                meta(&format!("app-{app}-reader"))
            ),
            3 => write!(
                text,
                r#"        {{
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
{},
            "roleRef": {{
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "Role",
                "name": "app-{app}-reader"
            }},
            "subjects": [
                {{
                    "kind": "ServiceAccount",
                    "name": "app-{app}",
                    "namespace": "{namespace}"
                }}
            ]
        }}"#,
                meta(&format!("app-{app}-reader"))
            ),
            _ => write!(
                text,
                r#"        {{
            "apiVersion": "v1",
            "kind": "Pod",
{},
            "spec": {{
                "containers": [
                    {{
                        "env": [
                            {{
                                "name": "DATABASE_URL",
                                "valueFrom": {{
                                    "secretKeyRef": {{
                                        "key": "database-url",
                                        "name": "app-{app}-secret"
                                    }}
                                }}
                            }}
                        ],
                        "image": "registry.example.com/app-{app}:1.4.2",
                        "imagePullPolicy": "IfNotPresent",
                        "livenessProbe": {{
                            "failureThreshold": 3,
                            "httpGet": {{
                                "path": "/healthz",
                                "port": 8080,
                                "scheme": "HTTP"
                            }},
                            "periodSeconds": 10,
                            "successThreshold": 1,
                            "timeoutSeconds": 1
                        }},
                        "name": "app",
                        "resources": {{
                            "limits": {{
                                "cpu": "500m",
                                "memory": "512Mi"
                            }}
                        }},
                        "volumeMounts": [
                            {{
                                "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
                                "name": "kube-api-access-x7k2p",
                                "readOnly": true
                            }}
                        ]
                    }}
                ],
                "nodeName": "node-{}",
                "restartPolicy": "Always",
                "serviceAccountName": "app-{app}",
                "volumes": [
                    {{
                        "name": "kube-api-access-x7k2p",
                        "projected": {{
                            "defaultMode": 420,
                            "sources": [
                                {{
                                    "serviceAccountToken": {{
                                        "expirationSeconds": 3607,
                                        "path": "token"
                                    }}
                                }}
                            ]
                        }}
                    }}
                ]
            }},
            "status": {{
                "conditions": [
                    {{
                        "lastProbeTime": null,
                        "lastTransitionTime": "2025-11-04T09:12:44Z",
                        "status": "True",
                        "type": "Ready"
                    }}
                ],
                "containerStatuses": [
                    {{
                        "containerID": "containerd://{:016x}{:016x}",
                        "image": "registry.example.com/app-{app}:1.4.2",
                        "ready": true,
                        "restartCount": 0,
                        "started": true
                    }}
                ],
                "hostIP": "10.0.12.7",
                "phase": "Running",
                "podIP": "10.1.44.9",
                "qosClass": "Burstable"
            }}
        }}"#,
                meta(&format!("app-{app}-0")),
                app % 100,
                spread(n),
                spread(n + 1)
            ),
        };
    })?;
    out.write_all(
        b"\n    ],\n    \"kind\": \"List\",\n    \"metadata\": {\n        \"resourceVersion\": \"\"\n    }\n}\n",
    )
}

fn application(n: u64) -> String {
    format!(
        r#"{{
            "id": "{}",
            "appId": "{}",
            "displayName": "Application {n}",
            "createdDateTime": "2025-02-11T08:31:05Z",
            "signInAudience": "AzureADMyOrg",
            "identifierUris": [],
            "tags": [],
            "passwordCredentials": [
                {{
                    "customKeyIdentifier": null,
                    "displayName": "ci",
                    "endDateTime": "2027-02-11T08:31:05Z",
                    "hint": "abc",
                    "keyId": "{}",
                    "secretText": null,
                    "startDateTime": "2025-02-11T08:31:05Z"
                }}
            ],
            "keyCredentials": [],
            "requiredResourceAccess": [
                {{
                    "resourceAppId": "00000003-0000-0000-c000-000000000000",
                    "resourceAccess": [
                        {{
                            "id": "e1fe6dd8-ba31-4d61-89e7-88639da4683d",
                            "type": "Scope"
                        }}
                    ]
                }}
            ],
            "web": {{
                "homePageUrl": null,
                "logoutUrl": null,
                "redirectUris": [
                    "https://app-{n}.example.com/callback"
                ]
            }}
        }}"#,
        guid(n, 1),
        guid(n, 2),
        guid(n, 3)
    )
}

fn service_principal(n: u64) -> String {
    format!(
        r#"{{
            "id": "{}",
            "accountEnabled": true,
            "appDisplayName": "Application {n}",
            "appId": "{}",
            "appOwnerOrganizationId": "{}",
            "displayName": "Application {n}",
            "servicePrincipalType": "Application",
            "signInAudience": "AzureADMyOrg",
            "appRoles": [],
            "oauth2PermissionScopes": [
                {{
                    "adminConsentDescription": "Allow the application to access Application {n} on behalf of the signed-in user.",
                    "adminConsentDisplayName": "Access Application {n}",
                    "id": "{}",
                    "isEnabled": true,
                    "type": "User",
                    "value": "user_impersonation"
                }}
            ],
            "passwordCredentials": [],
            "keyCredentials": [],
            "servicePrincipalNames": [
                "{}"
            ],
            "tags": [
                "WindowsAzureActiveDirectoryIntegratedApp"
            ]
        }}"#,
        guid(n, 4),
        guid(n, 2),
        guid(0, 9),
        guid(n, 5),
        guid(n, 2)
    )
}

/// `azurehound list`: applications, service principals, owners and role assignments by turns.
fn azurehound(out: &mut dyn Write, bytes: u64) -> io::Result<()> {
    out.write_all(b"{\n    \"data\": [\n")?;
    let count = items(out, bytes, 0, |text, n| {
        let app = n / 4;
        let (kind, data) = match n % 4 {
            0 => ("AZApp", application(app)),
            1 => ("AZServicePrincipal", service_principal(app)),
            2 => (
                "AZAppOwner",
                format!(
                    r##"{{"appId":"{}","owners":[{{"appId":"{}","owner":{{"@odata.type":"#microsoft.graph.user","id":"{}","displayName":"Owner {}","userPrincipalName":"owner{}@example.com"}}}}]}}"##,
                    guid(app, 2),
                    guid(app, 2),
                    guid(app % 900, 6),
                    app % 900,
                    app % 900
                ),
            ),
            _ => (
                "AZAppRoleAssignment",
                format!(
                    r#"{{"id":"{}","appRoleId":"{}","createdDateTime":"2025-02-11T08:31:05Z","principalDisplayName":"Application {app}","principalId":"{}","principalType":"ServicePrincipal","resourceDisplayName":"Application {}","resourceId":"{}"}}"#,
                    guid(app, 7),
                    guid(app % 40, 8),
                    guid(app, 4),
                    app % 60,
                    guid(app % 60, 4)
                ),
            ),
        };
        let _ = write!(
            text,
            "        {{\n            \"kind\": \"{kind}\",\n            \"data\": {data}\n        }}"
        );
    })?;
    let meta = format!(
        "\n    ],\n    \"meta\": {{\n        \"type\": \"azure\",\n        \"version\": 5,\n        \"count\": {count}\n    }}\n}}\n"
    );
    out.write_all(meta.as_bytes())
}

/// `GET /servicePrincipals` of Microsoft Graph.
fn graph_principals(out: &mut dyn Write, bytes: u64) -> io::Result<()> {
    out.write_all(b"{\n    \"@odata.context\": \"https://graph.microsoft.com/v1.0/$metadata#servicePrincipals\",\n    \"value\": [\n")?;
    items(out, bytes, 0, |text, n| text.push_str(&service_principal(n)))?;
    out.write_all(b"\n    ]\n}\n")
}

/// A graph as GitHound writes one: users, repositories and secrets, and edges by id.
fn opengraph(out: &mut dyn Write, bytes: u64) -> io::Result<()> {
    out.write_all(b"{\"metadata\":{\"source_kind\":\"GitHub\"},\"graph\":{\"nodes\":[\n")?;
    let nodes = items(out, bytes / 2, 0, |text, n| {
        let kind = ["GH_User", "GH_Repository", "GH_RepoSecret", "GH_Branch"][(n % 4) as usize];
        let _ = write!(
            text,
            r#"{{"id":"{kind}_{:016X}","kinds":["{kind}","GH_Base"],"properties":{{"name":"thing-{n}","id":{n},"node_id":"{kind}_{:016X}","environment_name":"example","environmentid":"O_kgDOAAAAAA","html_url":"https://github.com/example/thing-{n}","created_at":"2024-05-02T10:11:12Z","updated_at":"2026-05-02T10:11:12Z","visibility":"private","archived":false,"query_admins":"MATCH p=(:GH_User)-[:GH_AdminTo]->(:GH_Repository {{name:'thing-{n}'}}) RETURN p"}}}}"#,
            spread(n),
            spread(n)
        );
    })?;
    out.write_all(b"\n],\"edges\":[\n")?;
    items(out, bytes / 2, 0, |text, n| {
        let at = |kind: usize, n: u64| {
            let n = n % (nodes / 4).max(1) * 4 + kind as u64;
            format!(
                "{}_{:016X}",
                ["GH_User", "GH_Repository", "GH_RepoSecret", "GH_Branch"][kind],
                spread(n)
            )
        };
        let (kind, from, to) = match n % 3 {
            0 => ("GH_AdminTo", at(0, n), at(1, n * 7)),
            1 => ("GH_HasSecret", at(1, n), at(2, n)),
            _ => ("GH_HasBranch", at(1, n), at(3, n)),
        };
        let _ = write!(
            text,
            r#"{{"kind":"{kind}","start":{{"value":"{from}","match_by":"id"}},"end":{{"value":"{to}","match_by":"id"}},"properties":{{"traversable":true}}}}"#
        );
    })?;
    out.write_all(b"\n]}}\n")
}

/// `gh api --paginate --slurp /orgs/ORG/personal-access-tokens`: pages of a hundred fine-grained tokens.
fn installations(out: &mut dyn Write, bytes: u64) -> io::Result<()> {
    out.write_all(b"[[\n")?;
    let mut page = 0;
    items(out, bytes, 0, |text, n| {
        if n / 100 != page {
            page = n / 100;
            text.clear();
            text.push_str("\n],[\n");
        }
        let _ = write!(
            text,
            r#"{{"id":{n},"token_id":{},"token_name":"token {n}","owner":{{"login":"user-{}","id":{},"node_id":"U_{:x}","avatar_url":"https://avatars.githubusercontent.com/u/{n}?v=4","html_url":"https://github.com/user-{}","type":"User","site_admin":false}},"repository_selection":"all","repositories_url":"https://api.github.com/organizations/1/personal-access-tokens/{n}/repositories","permissions":{{"organization":{{"members":"read"}},"repository":{{"metadata":"read","contents":"write","actions":"read"}}}},"access_granted_at":"2025-05-16T08:47:09.000-07:00","token_expired":false,"token_expires_at":"2027-11-16T08:47:09.000-07:00","token_last_used_at":null}}"#,
            n + 7_000_000,
            n % 3000,
            n % 3000,
            spread(n % 3000),
            n % 3000
        );
    })?;
    out.write_all(b"\n]]\n")
}
