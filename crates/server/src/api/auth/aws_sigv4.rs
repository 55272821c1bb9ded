//! `POST /auth/aws-sigv4/{providerConfigKey}` (spec: http-api.md 2.10, auth-modes.md).

use dovetail_model::AuthMode;

use crate::actions::link_account::{LinkAttempt, Linked, Submission};
use crate::auth::Auth;
use crate::call::Call;
use crate::limits::{AWS_REGION_CHARS, BASIC_CHARS};
use crate::validate::{self, Schema as _, field, object, string};
use crate::wire::{Answer, ApiResult, ok};

/// Links an AWS account by a role that is assumed.
#[utoipa::path(
    post, path = "/auth/aws-sigv4/{providerConfigKey}", tag = "auth",
    params(
        ("providerConfigKey" = String, Path, description = "Key of an integration whose auth mode is AWS_SIGV4"),
        ("connect_session_token" = String, Query, description = "Token of a connect session"),
        ("params" = Option<Object>, Query, style = DeepObject, description = "Connection config: `params[subdomain]=acme`"),
    ),
    request_body(content = Object, example = json!({"role_arn": "arn:aws:iam::111122223333:role/Acme", "region": "eu-west-3"})),
    responses(
        (status = 200, body = Linked),
        (status = 400, description = "`invalid_body`, `invalid_query_params`, `invalid_auth_mode`, `integration_not_allowed`, `invalid_connection`, `invalid_aws_sigv4_config`"),
        (status = 401, description = "`missing_public_key`, `unknown_connect_session_token`"),
        (status = 404, description = "`unknown_provider_config`, `unknown_provider_template`"),
        (status = 502, description = "`aws_sigv4_sts_request_failed`: the role could not be assumed"),
    ),
)]
pub(super) async fn link(call: Call) -> ApiResult<Answer<Linked>> {
    let caller = Auth::session_or_public().check(&call).await?;
    let body = object((
        field("role_arn", string().min(1).max(BASIC_CHARS)),
        field("region", string().max(AWS_REGION_CHARS).optional()),
    ));
    let (role_arn, region) = validate::body(&body, call.json())?;
    let attempt = LinkAttempt::begin(&call, &caller, AuthMode::AwsSigv4).await?;
    let mut form = Submission::of([("role_arn", role_arn)]);
    form.add([("region", region)]);
    Ok(ok(attempt.link(form).await?))
}
