//! `NONE`: a service that needs no credentials (auth-modes.md section 19).

use dovetail_model::Credentials;

pub(super) const fn credentials() -> Credentials {
    Credentials::None
}
