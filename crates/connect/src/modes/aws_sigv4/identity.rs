//! Who AWS takes us for (STS `GetCallerIdentity`): the role that was named, of the account that was named.

use dovetail_catalog::{BodyFormat, RequestMethod};
use dovetail_model::AwsSigv4Credentials;
use serde_json::Value;

use super::Role;
use super::sts::{Signer, VERSION, endpoint, signed};
use crate::obtain::{ObtainError, Party};
use crate::token_request::TokenRequest;

pub(super) async fn check(
    party: &Party<'_>,
    role: &Role<'_>,
    credentials: &AwsSigv4Credentials,
) -> Result<(), ObtainError> {
    let mut url = endpoint(role.region)?;
    url.set_query(Some(&format!("Action=GetCallerIdentity&Version={VERSION}")));
    let signer = Signer {
        access_key_id: &credentials.access_key_id,
        secret: credentials.secret_access_key.expose(),
        session_token: Some(credentials.session_token.expose()),
    };
    let mut request = TokenRequest::post(url, BodyFormat::Query);
    request.method = RequestMethod::Get;
    request.headers = signed(&signer, role.region, "GET", &request.url, None, party.now);
    let answer = request.send(party).await?;
    let arn = answer
        .body
        .pointer("/GetCallerIdentityResponse/GetCallerIdentityResult/Arn")
        .and_then(Value::as_str)
        .ok_or_else(|| ObtainError::Unreadable("it does not say who we are".to_owned()))?;
    if is_of_role(arn, role.arn) {
        return Ok(());
    }
    Err(ObtainError::Refused {
        status: answer.status,
        code: None,
        detail: Some("The temporary keys belong to another role.".to_owned()),
    })
}

/// Whether the ARN of an assumed role (`arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`) is of this role
/// (`arn:aws:iam::ACCOUNT:role/path/NAME`).
fn is_of_role(assumed: &str, role: &str) -> bool {
    fn parts(arn: &str) -> Option<(&str, &str, &str)> {
        let mut parts = arn.splitn(6, ':');
        let (_, partition, _, _, account, resource) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        Some((partition, account, resource))
    }
    let (Some((partition, account, assumed)), Some((wanted_partition, wanted_account, wanted))) =
        (parts(assumed), parts(role))
    else {
        return false;
    };
    let name = assumed.strip_prefix("assumed-role/").and_then(|rest| rest.split('/').next());
    let wanted = wanted.strip_prefix("role/").and_then(|rest| rest.rsplit('/').next());
    partition == wanted_partition && account == wanted_account && name.is_some() && name == wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_and_role_name_must_be_the_same() {
        let role = "arn:aws:iam::111122223333:role/team/Dove";
        assert!(is_of_role("arn:aws:sts::111122223333:assumed-role/Dove/dovetail-1", role));
        for other in [
            "arn:aws:sts::999922223333:assumed-role/Dove/dovetail-1",
            "arn:aws:sts::111122223333:assumed-role/Dovecote/dovetail-1",
            "arn:aws:sts::111122223333:assumed-role/Other/Dove",
            "arn:aws:iam::111122223333:user/Dove",
            "Dove",
        ] {
            assert!(!is_of_role(other, role), "{other}");
        }
    }
}
