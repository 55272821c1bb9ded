//! Zoho: the domain extension of the account's data centre, unless it was given; it is part of every host.

use crate::routines::language::{Source, Step, Table, Take};

use serde_json::Value;

pub(super) const TABLE: Table = Table(&[
    Step::take(&[Take::new("extension", Source::Config("api_domain"))
        .shaped(extension)
        .only_if_missing()
        .optional()]),
    Step::take(&[Take::new("extension", Source::Raw("api_domain")).shaped(extension).only_if_missing()]),
]);

fn extension(api_domain: &Value) -> Option<Value> {
    let (_, rest) = api_domain.as_str()?.split_once("zohoapis.")?;
    let end = rest.find(|c: char| !(c.is_ascii_lowercase() || c == '.')).unwrap_or(rest.len());
    Some(&rest[..end]).filter(|extension| !extension.is_empty()).map(Value::from)
}
