//! Atlassian: the site that is meant, its address, and who linked it. Every call goes to the site's id.

use serde_json::Value;

use crate::routines::RoutineError;
use crate::routines::language::Ask;
use crate::routines::run::Run;

const SITES: &str = "/oauth/token/accessible-resources";

/// Jira and Confluence by OAuth.
pub(super) async fn jira(run: &mut Run<'_, '_>) -> Result<(), RoutineError> {
    find_site(run, &Ask::get(SITES)).await?;
    find_user(run).await;
    Ok(())
}

/// The government cloud lists its sites at its authorization server.
pub(super) async fn government(run: &mut Run<'_, '_>) -> Result<(), RoutineError> {
    find_site(run, &Ask::get(SITES).at("https://auth.atlassian-us-gov-mod.com")).await?;
    find_user(run).await;
    Ok(())
}

/// Service accounts. With an API token the site is given: the list of sites does not take API tokens.
pub(super) async fn service_account(run: &mut Run<'_, '_>) -> Result<(), RoutineError> {
    let by_token = matches!(run.credentials, dovetail_model::Credentials::Basic(_));
    if !(by_token && run.config("cloudId").is_some()) {
        find_site(run, &Ask::get(SITES)).await?;
    }
    find_user(run).await;
    Ok(())
}

async fn find_site(run: &mut Run<'_, '_>, sites: &Ask) -> Result<(), RoutineError> {
    let answer = run.ask_json(sites).await?;
    let sites = answer.as_array().map(Vec::as_slice).unwrap_or_default();
    let site = chosen(sites, run.config("subdomain").as_deref());
    let text = |name: &str| site.and_then(|site| site.get(name)).and_then(Value::as_str);
    let (Some(id), Some(url)) = (text("id"), text("url")) else {
        return Err(RoutineError::Missing("site".to_owned()));
    };
    run.set("cloudId", id);
    run.set("baseUrl", url);
    Ok(())
}

fn text<'v>(site: &'v Value, name: &str) -> Option<&'v str> {
    site.get(name).and_then(Value::as_str)
}

/// The site of this subdomain, else one whose name contains it, else the first.
fn chosen<'v>(sites: &'v [Value], subdomain: Option<&str>) -> Option<&'v Value> {
    let wanted = subdomain.map(str::to_lowercase).filter(|wanted| !wanted.is_empty());
    let of_host = |site: &&Value| {
        let host = text(site, "url").and_then(|url| url::Url::parse(url).ok());
        let first = host.as_ref().and_then(url::Url::host_str).and_then(|host| host.split('.').next());
        first.is_some() && first.map(str::to_lowercase) == wanted
    };
    let of_name = |site: &&Value| match (&wanted, text(site, "name")) {
        (Some(wanted), Some(name)) => name.to_lowercase().contains(wanted),
        _ => false,
    };
    sites.iter().find(of_host).or_else(|| sites.iter().find(of_name)).or_else(|| sites.first())
}

/// Who linked the account, as far as the scopes let us ask.
async fn find_user(run: &mut Run<'_, '_>) {
    const JIRA: Ask = Ask::get("/ex/jira/${connectionConfig.cloudId}/rest/api/3/myself");
    const CONFLUENCE: Ask = Ask::get("/ex/confluence/${connectionConfig.cloudId}/wiki/rest/api/user/current");
    let confluence_first = run.party.provider.id().contains("confluence");
    let order = if confluence_first { [CONFLUENCE, JIRA] } else { [JIRA, CONFLUENCE] };
    for ask in order {
        let answer = run.ask_json(&ask).await.ok();
        if let Some(id) = answer.as_ref().and_then(|answer| answer.get("accountId")).and_then(Value::as_str) {
            run.set("accountId", id);
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_subdomain_decides_then_the_name_then_the_order() {
        let sites = [
            json!({"id": "1", "name": "Acme and sons", "url": "https://other.atlassian.net"}),
            json!({"id": "2", "name": "Beta", "url": "https://acme.atlassian.net"}),
        ];
        let id = |subdomain| chosen(&sites, subdomain).and_then(|site| site["id"].as_str());
        assert_eq!(id(Some("Acme")), Some("2"));
        assert_eq!(id(Some("acme and")), Some("1"));
        assert_eq!(id(Some("nobody")), Some("1"));
        assert_eq!(id(Some("")), Some("1"));
        assert_eq!(id(None), Some("1"));
        assert_eq!(chosen(&[], Some("acme")), None);
    }
}
