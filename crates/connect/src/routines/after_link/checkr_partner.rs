//! Checkr: whether the account has a hierarchy, whose nodes then go with every order.

use crate::routines::language::{Ask, Step, Table, Take};

use serde_json::Value;

pub(super) const TABLE: Table = Table(&[Step::ask(
    // The token is the user name of Basic authentication.
    Ask::get("/v1/nodes?page=1&per_page=1").with(&[("authorization", "Basic ${base64(${accessToken}:)}")]),
    &[Take::answer("accountHierarchyEnabled", "data").shaped(has_nodes)],
)]);

fn has_nodes(nodes: &Value) -> Option<Value> {
    nodes.as_array().map(|nodes| Value::Bool(!nodes.is_empty()))
}
