//! Objects of Kubernetes clusters: RBAC rule by rule, tokens and secrets, pods and nodes, shapes of files.

mod loading;

#[path = "k8s/cloud.rs"]
mod cloud;
#[path = "k8s/golden.rs"]
mod golden;
#[path = "k8s/odd.rs"]
mod odd;
#[path = "k8s/pods.rs"]
mod pods;
#[path = "k8s/rbac.rs"]
mod rbac;
#[path = "k8s/shapes.rs"]
mod shapes;
#[path = "k8s/support.rs"]
mod support;
#[path = "k8s/tokens.rs"]
mod tokens;
