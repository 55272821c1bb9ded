//! The auth endpoints of modes that this version does not link yet. They check everything up to the mode, so that a
//! caller learns of its own mistakes first, and then say plainly that the mode is not there.

use dovetail_model::AuthMode;

use crate::actions::link_account::LinkAttempt;
use crate::auth::Auth;
use crate::call::Call;
use crate::wire::{ApiError, ApiResult, ErrorCode};

macro_rules! later {
    ($($(#[$doc:meta])* $name:ident => $mode:ident),+ $(,)?) => {$(
        $(#[$doc])*
        pub(super) async fn $name(call: Call) -> ApiResult<()> {
            refuse(&call, AuthMode::$mode).await
        }
    )+};
}

later! {
    /// `POST /auth/oauth-outbound/{providerConfigKey}`.
    oauth_outbound => Oauth2,
}

async fn refuse(call: &Call, mode: AuthMode) -> ApiResult<()> {
    let caller = Auth::session_or_public().check(call).await?;
    LinkAttempt::begin(call, &caller, mode).await?;
    Err(ApiError::new(ErrorCode::InvalidAuthMode)
        .message(format!("This version of Dovetail does not link {mode} accounts here yet.")))
}
