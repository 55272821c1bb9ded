//! AWS access keys: asks who they are, which needs no permission. The regional endpoint takes a signature of its own
//! region only, the global one none but that of `us-east-1`.

use super::check::{Check, success};
use crate::routines::language::Ask;

pub(super) const CHECK: Check = Check {
    ask: Ask::get("/?Action=GetCallerIdentity&Version=2011-06-15")
        .at("https://sts.${connectionConfig.region}.amazonaws.com")
        .with(&[
            (
                "authorization",
                "${awsSigV4(${credentials.username}, ${credentials.password}, ${connectionConfig.region}, sts, sts.${connectionConfig.region}.amazonaws.com)}",
            ),
            ("x-amz-date", "${now:YYYYMMDDTHHmmss[Z]}"),
        ]),
    judge: success,
};
