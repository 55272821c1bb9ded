//! Gusto: the company that was linked; its paths name it.

use crate::routines::language::{Ask, Step, Table, Take};

use serde_json::Value;

pub(super) const TABLE: Table = Table(&[Step::ask(
    Ask::get("/v1/token_info").by_name("demo", "https://api.gusto-demo.com", "https://api.gusto.com"),
    &[Take::answer("companyUuid", "resource").shaped(company).optional()],
)]);

/// A token may stand for something else than a company.
fn company(resource: &Value) -> Option<Value> {
    (resource.get("type")? == "Company").then(|| resource.get("uuid").cloned()).flatten()
}
