//! AWS STS: temporary keys of a role, and whose keys they are. The role travels in the session token, so nothing is
//! remembered. The keys that assume a role are the integration's own: their signature is not judged.

use axum::body::Body;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use dovetail_model::Timestamp;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Response, StatusCode};

use super::param;
use crate::answer;
use crate::demo::{AWS_ACCESS_KEY, AWS_SECRET};
use crate::limits::TOKEN_SECONDS;
use crate::received::Received;
use crate::signature;

/// Answers STS; `None` for what is none, or is signed with keys that are no role's.
pub(crate) fn answer(request: &Received, now: Timestamp) -> Option<Response<Body>> {
    let host = request.host();
    let is_sts = host.starts_with("sts.") && host.ends_with(".amazonaws.com");
    let action = param(request, "Action").filter(|_| is_sts)?;
    match (action.as_str(), &request.parts.method) {
        ("AssumeRole", &Method::POST) => Some(assume(request, now)),
        ("GetCallerIdentity", &Method::GET) => identity(request),
        _ => None,
    }
}

fn assume(request: &Received, now: Timestamp) -> Response<Body> {
    let role = param(request, "RoleArn").unwrap_or_default();
    let signed = request.header("authorization").is_some_and(|value| value.starts_with("AWS4-HMAC-SHA256 "));
    if !signed || !role.contains(":role/") || param(request, "ExternalId").is_none_or(|id| id.is_empty()) {
        return answer::error(StatusCode::FORBIDDEN, "AccessDenied", "The role cannot be assumed.");
    }
    let end = Timestamp(now.0.saturating_add(i64::try_from(TOKEN_SECONDS * 1_000).unwrap_or(0)));
    let session = BASE64_URL_SAFE_NO_PAD.encode(role);
    xml(&format!(
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>{AWS_ACCESS_KEY}</AccessKeyId>\
         <SecretAccessKey>{AWS_SECRET}</SecretAccessKey><SessionToken>{session}</SessionToken>\
         <Expiration>{}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
        end.iso_z()
    ))
}

/// The role that the session token names; other keys are somebody else's to judge.
fn identity(request: &Received) -> Option<Response<Body>> {
    let header = request.header("authorization")?;
    if !header.contains(&format!("Credential={AWS_ACCESS_KEY}/")) {
        return None;
    }
    let role = request
        .header("x-amz-security-token")
        .and_then(|token| BASE64_URL_SAFE_NO_PAD.decode(token).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_default();
    let mut parts = role.splitn(6, ':');
    let account = parts.nth(4).unwrap_or_default();
    let name = parts.next().and_then(|resource| resource.rsplit('/').next()).unwrap_or_default();
    if name.is_empty() || !signature::is_sigv4(request, header, AWS_ACCESS_KEY, AWS_SECRET) {
        return Some(answer::error(
            StatusCode::FORBIDDEN,
            "SignatureDoesNotMatch",
            "The signature is wrong.",
        ));
    }
    Some(xml(&format!(
        "<GetCallerIdentityResponse><GetCallerIdentityResult>\
         <Arn>arn:aws:sts::{account}:assumed-role/{name}/dovetail</Arn><Account>{account}</Account>\
         </GetCallerIdentityResult></GetCallerIdentityResponse>"
    )))
}

fn xml(text: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(format!("<?xml version=\"1.0\"?>{text}")));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    response
}
