//! Assuming a role (AWS STS `AssumeRole`, or a service of the integration's owner).

use std::time::Duration;

use dovetail_catalog::BodyFormat;
use dovetail_catalog::template::{SigV4Key, amz_date, sha256_hex, sigv4_signature};
use dovetail_model::{AwsSigv4Credentials, Random, Secret, SecretJson, Timestamp};
use serde_json::{Value, json};
use url::Url;
use url::form_urlencoded::Serializer;

use super::Role;
use super::settings::{Settings, StsAuth, StsMode};
use crate::obtain::{ObtainError, Party};
use crate::token_request::{ClientAuth, TokenRequest, expires_at};

/// Version of the STS interface.
pub(super) const VERSION: &str = "2011-06-15";

/// How long the temporary keys last: the longest that a chained role may have.
const DURATION: Duration = Duration::from_hours(1);

const FORM: &str = "application/x-www-form-urlencoded";

/// Keys that sign as one identity.
pub(super) struct Signer<'a> {
    pub(super) access_key_id: &'a str,
    pub(super) secret: &'a str,
    pub(super) session_token: Option<&'a str>,
}

/// The regional endpoint; China has a domain of its own.
pub(super) fn endpoint(region: &str) -> Result<Url, ObtainError> {
    let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    Url::parse(&format!("https://sts.{region}.{domain}/"))
        .map_err(|_| ObtainError::Unbuildable("the region is not valid".to_owned()))
}

/// The temporary keys of the role.
pub(super) async fn assume(
    party: &Party<'_>,
    settings: &Settings<'_>,
    role: &Role<'_>,
) -> Result<AwsSigv4Credentials, ObtainError> {
    let request = match &settings.mode {
        StsMode::Builtin { access_key_id, secret } => {
            let signer = Signer { access_key_id, secret, session_token: None };
            builtin(role, &signer, party.now, party.random)?
        }
        StsMode::Custom { endpoint, auth } => custom(endpoint.clone(), auth, role),
    };
    let answer = request.send(party).await?;
    read(&answer.body, role, party.now)
}

fn builtin<'a>(
    role: &Role<'_>,
    signer: &Signer<'_>,
    now: Timestamp,
    random: &dyn Random,
) -> Result<TokenRequest<'a>, ObtainError> {
    let mut suffix = [0; 8];
    random.fill(&mut suffix);
    let session = format!("dovetail-{}", hex::encode(suffix));
    let mut request = TokenRequest::post(endpoint(role.region)?, BodyFormat::Form);
    request.set("Action", "AssumeRole");
    request.set("RoleArn", role.arn);
    request.set("ExternalId", role.external_id);
    request.set("RoleSessionName", session);
    request.set("DurationSeconds", DURATION.as_secs().to_string());
    request.set("Version", VERSION);
    // The same serialisation as the request's own: what is signed is what is sent.
    let body = Serializer::new(String::new())
        .extend_pairs(request.params.iter().filter_map(|(name, value)| Some((name, value.as_str()?))))
        .finish();
    request.headers = signed(signer, role.region, "POST", &request.url, Some((FORM, body.as_bytes())), now);
    Ok(request)
}

/// The headers of a signed request to STS.
pub(super) fn signed(
    signer: &Signer<'_>,
    region: &str,
    method: &str,
    url: &Url,
    body: Option<(&str, &[u8])>,
    now: Timestamp,
) -> Vec<(String, String)> {
    let date = amz_date(now.millis());
    let payload = sha256_hex(body.map_or(&[][..], |(_, bytes)| bytes));
    let mut headers =
        vec![("x-amz-content-sha256".to_owned(), payload.clone()), ("x-amz-date".to_owned(), date.clone())];
    if let Some((content_type, _)) = body {
        headers.push(("content-type".to_owned(), content_type.to_owned()));
    }
    if let Some(token) = signer.session_token {
        headers.push(("x-amz-security-token".to_owned(), token.to_owned()));
    }
    let mut listed = headers.clone();
    listed.push(("host".to_owned(), url.host_str().unwrap_or_default().to_owned()));
    listed.sort_unstable();
    let key = SigV4Key { access_key_id: signer.access_key_id, secret: signer.secret, region, service: "sts" };
    let authorization =
        sigv4_signature(&key, &date, method, "/", url.query().unwrap_or_default(), &listed, &payload);
    headers.push(("authorization".to_owned(), authorization));
    headers
}

fn custom<'a>(endpoint: Url, auth: &StsAuth<'a>, role: &Role<'_>) -> TokenRequest<'a> {
    let mut request = TokenRequest::post(endpoint, BodyFormat::Json);
    request.set("role_arn", role.arn);
    request.set("external_id", role.external_id);
    request.set("region", role.region);
    request.set("service", role.service);
    match auth {
        StsAuth::None => {}
        StsAuth::Header { name, value } => {
            request.headers.push(((*name).to_owned(), (*value).to_owned()));
            request.secrets.push((*value).to_owned());
        }
        StsAuth::Basic { username, password } => {
            request.auth = ClientAuth::Basic { id: username, secret: password };
        }
    }
    request
}

/// Reads AWS's answer, or a custom one: flat or under `credentials`, in camel or snake case.
fn read(body: &Value, role: &Role<'_>, now: Timestamp) -> Result<AwsSigv4Credentials, ObtainError> {
    let found = body
        .pointer("/AssumeRoleResponse/AssumeRoleResult/Credentials")
        .or_else(|| body.get("credentials"))
        .unwrap_or(body);
    let value =
        |names: &[&str]| names.iter().find_map(|name| found.get(*name)).filter(|value| !value.is_null());
    let text = |names: &[&str]| {
        value(names)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
            .ok_or_else(|| ObtainError::Unreadable("it holds no temporary keys".to_owned()))
    };
    let access_key_id = text(&["AccessKeyId", "accessKeyId", "access_key_id"])?;
    let secret = text(&["SecretAccessKey", "secretAccessKey", "secret_access_key"])?;
    let session = text(&["SessionToken", "sessionToken", "session_token"])?;
    let ends = value(&["Expiration", "expiresAt", "expires_at", "expiration"])
        .and_then(|value| expires_at(value, now))
        .unwrap_or_else(|| now.plus(DURATION));
    let raw = json!({
        "access_key_id": access_key_id,
        "secret_access_key": secret,
        "session_token": session,
        "expires_at": ends.iso_z(),
    });
    Ok(AwsSigv4Credentials {
        role_arn: role.arn.to_owned(),
        region: role.region.to_owned(),
        service: role.service.to_owned(),
        access_key_id,
        secret_access_key: Secret::new(secret),
        session_token: Secret::new(session),
        expires_at: Some(ends),
        external_id: Some(role.external_id.to_owned()),
        raw: SecretJson::new(raw),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_767_225_600_000);

    fn role() -> Role<'static> {
        Role {
            arn: "arn:aws:iam::111122223333:role/Dove",
            external_id: "7c1f3c58-0d55-4a4e-9d4a-6a2f5b1c0e11",
            region: "eu-west-3",
            service: "s3",
        }
    }

    #[test]
    fn the_request_that_assumes_a_role_is_signed_as_the_vector_says() {
        let body = "Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2FDove\
            &ExternalId=7c1f3c58-0d55-4a4e-9d4a-6a2f5b1c0e11&RoleSessionName=dovetail-0011223344556677\
            &DurationSeconds=3600&Version=2011-06-15";
        let signer =
            Signer { access_key_id: "AKEXAMPLE", secret: "SKEXAMPLESKEXAMPLESKEXAMPLE", session_token: None };
        let url = endpoint("eu-west-3").unwrap();
        let headers = signed(&signer, "eu-west-3", "POST", &url, Some((FORM, body.as_bytes())), NOW);
        let header = |name: &str| &headers.iter().find(|(known, _)| known == name).unwrap().1;
        assert_eq!(
            header("x-amz-content-sha256"),
            "ee608a9f123c95e2674ed999f443bb5a811b500e4c9d5a1d951717eb8b078b23"
        );
        let authorization = header("authorization");
        assert!(
            authorization.contains("SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date"),
            "{authorization}"
        );
        assert!(
            authorization
                .ends_with("Signature=13497594bf6da288d7a5b966c6d28ea71b194373f1058b835c0b567ba9ee4961"),
            "{authorization}"
        );
    }

    #[test]
    fn keys_are_read_from_every_form_of_answer() {
        let aws = json!({"AssumeRoleResponse": {"AssumeRoleResult": {"Credentials": {
            "AccessKeyId": "AK", "SecretAccessKey": "SK", "SessionToken": "ST",
            "Expiration": "2026-01-01T01:00:00Z"
        }}}});
        let nested = json!({"credentials": {
            "accessKeyId": "AK", "secretAccessKey": "SK", "sessionToken": "ST", "expiration": 1_767_229_200
        }});
        let flat = json!({
            "access_key_id": "AK", "secret_access_key": "SK", "session_token": "ST",
            "expires_at": 1_767_229_200_000_i64
        });
        let silent = json!({"access_key_id": "AK", "secret_access_key": "SK", "session_token": "ST"});
        for body in [aws, nested, flat, silent] {
            let read = read(&body, &role(), NOW).unwrap();
            assert_eq!(read.access_key_id, "AK");
            assert_eq!(read.expires_at, Some(Timestamp(1_767_229_200_000)), "{body}");
        }
        let half = json!({"access_key_id": "AK", "secret_access_key": "SK"});
        assert!(matches!(read(&half, &role(), NOW), Err(ObtainError::Unreadable(_))));
    }
}
