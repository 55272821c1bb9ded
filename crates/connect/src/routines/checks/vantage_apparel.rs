//! Vantage Apparel: PromoStandards over SOAP; a refusal is error 105. The call goes to the definition's base URL, the
//! only address that is known of the service.

use dovetail_catalog::outgoing::CredentialView;
use quick_xml::escape::escape;

use super::check::{Check, Judged, Refusal, accepted, success};
use crate::ask::Heard;
use crate::routines::language::{Ask, Content};
use crate::verify::Verdict;

pub(super) const CHECK: Check =
    Check { ask: Ask::send("POST", "/", Content::Of("text/xml; charset=utf-8", envelope)), judge };

fn envelope(credentials: &CredentialView) -> String {
    let part = |name| escape(credentials.text(name).unwrap_or_default()).into_owned();
    let (id, password) = (part("username"), part("password"));
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
         <soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>\
         <getAccountsByEmail xmlns=\"http://tempuri.org/\"><wsVersion>1.0.0</wsVersion>\
         <id>{id}</id><password>{password}</password><email>check@example.com</email>\
         </getAccountsByEmail></soap:Body></soap:Envelope>"
    )
}

fn judge(heard: &Heard) -> Judged {
    let text = heard.text().to_lowercase();
    // A SOAP fault has the status 500.
    if text.contains(">105<") && text.contains("authentication") {
        return Err(Refusal::denied(heard, Some("Authentication credentials failed")));
    }
    if text.contains("getaccountsbyemailresponse") {
        return Ok(accepted(heard));
    }
    // Any other answer says nothing about the credentials, unless its status does.
    match success(heard) {
        Err(refusal) if refusal.is_about_credentials() && !text.contains("fault") => Err(refusal),
        _ => Ok(Verdict::Untested),
    }
}
