//! The names of the routines, and running one.

use dovetail_model::Credentials;

use super::*;
use crate::ask::{Asking, Heard};
use crate::obtain::Party;
use crate::routines::language::Ask;
use crate::routines::run::Run;
use crate::verify::{Reason, TestFailure, Verdict};

/// One request, and what its answer says.
#[derive(Clone, Copy)]
pub(crate) struct Check {
    pub(super) ask: Ask,
    pub(super) judge: fn(&Heard) -> Judged,
}

/// What an answer says.
pub(super) type Judged = Result<Verdict, Refusal>;

/// Why an answer is no acceptance.
pub(super) struct Refusal {
    reason: Reason,
    detail: Option<String>,
}

impl Refusal {
    /// A status that is none of success.
    fn of_status(heard: &Heard) -> Option<Self> {
        let reason = Reason::of_status(heard.status.as_u16())?;
        Some(Self { reason, detail: heard.words() })
    }

    /// A success status whose answer says no, maybe in words.
    pub(super) fn denied(heard: &Heard, sentence: Option<&str>) -> Self {
        let detail = sentence.and_then(|sentence| heard.shown(sentence)).or_else(|| heard.words());
        Self { reason: Reason::Denied, detail }
    }

    /// Whether the answer is an answer to the credentials, or that there can be none now.
    pub(super) fn is_about_credentials(&self) -> bool {
        matches!(self.reason, Reason::Refused(_)) || self.reason.is_temporary()
    }

    /// An answer that says nothing about the credentials.
    pub(super) fn unexpected(heard: &Heard) -> Self {
        Self { reason: Reason::Unexpected(heard.status.as_u16()), detail: heard.words() }
    }
}

/// The provider accepted the credentials.
pub(super) fn accepted(heard: &Heard) -> Verdict {
    Verdict::Accepted { status: heard.status.as_u16() }
}

/// Accepts every 2xx.
pub(super) fn success(heard: &Heard) -> Judged {
    match Refusal::of_status(heard) {
        Some(refusal) => Err(refusal),
        None => Ok(accepted(heard)),
    }
}

/// The routine of a name.
pub(crate) fn named(name: &str) -> Option<&'static Check> {
    Some(match name.strip_suffix("CredentialsVerification")? {
        "apollo" => &apollo::CHECK,
        "awsIam" => &aws_iam::CHECK,
        "azureDevops" => &azure_devops::CHECK,
        "bitdefender" => &bitdefender::CHECK,
        "cdw" => &cdw::CHECK,
        "expensify" => &expensify::CHECK,
        "lastpass" => &lastpass::CHECK,
        "pushpayChmsV1" => &pushpay_chms_v1::CHECK,
        "skio" => &skio::CHECK,
        "snipeIt" => &snipe_it::CHECK,
        "vantageApparel" => &vantage_apparel::CHECK,
        _ => return None,
    })
}

/// Runs a check.
pub(crate) async fn run<'a>(
    check: &Check,
    party: Party<'a>,
    credentials: &'a Credentials,
    asking: &mut Asking<'a>,
) -> Result<Verdict, TestFailure> {
    let display_name = party.provider.display_name.clone();
    let mut run = Run::new(party, credentials, asking);
    let request = run.request(&check.ask).map_err(|error| TestFailure {
        provider: display_name.clone(),
        reason: Reason::NotBuildable,
        detail: Some(error.to_string()),
    })?;
    let heard = match run.hear(request).await {
        Ok(heard) => heard,
        Err(reason) => return Err(TestFailure { provider: display_name, reason, detail: None }),
    };
    (check.judge)(&heard).map_err(|refusal| run.blame(refusal.reason, refusal.detail))
}
