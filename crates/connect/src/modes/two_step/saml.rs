//! A signed SAML 2.0 bearer assertion (RFC 7522; auth-modes.md section 17).
//!
//! The text is written in the form that Exclusive XML Canonicalization gives it: namespaces before attributes, both
//! sorted, no empty-element tags, no white space between elements. So what is hashed is what is sent.

use std::fmt::Write as _;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dovetail_model::Timestamp;

const UNSPECIFIED_NAME: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";
const UNSPECIFIED_CLASS: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified";

/// Tolerated difference of clocks, in milliseconds, before the instant of issue.
const EARLIER_MS: i64 = 5 * 60 * 1_000;

/// What an assertion says.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    /// A name for the assertion, unique; letters, digits and hyphens.
    pub(super) id: String,
    pub(super) issuer: String,
    pub(super) audiences: Vec<String>,
    pub(super) recipient: Option<String>,
    pub(super) in_response_to: Option<String>,
    pub(super) name: String,
    pub(super) name_format: Option<String>,
    pub(super) session_index: Option<String>,
    pub(super) class: Option<String>,
    /// Names, each with its values.
    pub(super) attributes: Vec<(String, Vec<String>)>,
    pub(super) now: Timestamp,
    pub(super) expires_at: Timestamp,
}

/// The assertion, signed by `sign` (RSA with SHA-256 over the bytes it is given) when there is one.
pub(super) fn assertion<E>(
    statement: &Statement,
    sign: Option<impl FnOnce(&[u8]) -> Result<Vec<u8>, E>>,
) -> Result<String, E> {
    let (issuer, rest) = (issuer(statement), rest(statement));
    let open = open(statement);
    let Some(sign) = sign else { return Ok(format!("{open}{issuer}{rest}</saml2:Assertion>")) };
    let unsigned = format!("{open}{issuer}{rest}</saml2:Assertion>");
    let digest = STANDARD.encode(digest::digest(&digest::SHA256, unsigned.as_bytes()));
    let info = signed_info(&statement.id, &digest);
    let canonical =
        format!("<ds:SignedInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">{info}</ds:SignedInfo>");
    let value = STANDARD.encode(sign(canonical.as_bytes())?);
    Ok(format!(
        "{open}{issuer}<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo>{info}\
         </ds:SignedInfo><ds:SignatureValue>{value}</ds:SignatureValue></ds:Signature>{rest}</saml2:Assertion>"
    ))
}

fn open(statement: &Statement) -> String {
    format!(
        "<saml2:Assertion xmlns:saml2=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"{}\" IssueInstant=\"{}\" \
         Version=\"2.0\">",
        attribute(&statement.id),
        statement.now.iso_z()
    )
}

fn issuer(statement: &Statement) -> String {
    format!("<saml2:Issuer>{}</saml2:Issuer>", content(&statement.issuer))
}

fn rest(statement: &Statement) -> String {
    let (until, from) = (statement.expires_at.iso_z(), Timestamp(statement.now.0 - EARLIER_MS).iso_z());
    let mut out = String::new();
    push(
        &mut out,
        format_args!(
            "<saml2:Subject><saml2:NameID Format=\"{}\">{}</saml2:NameID><saml2:SubjectConfirmation \
         Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"><saml2:SubjectConfirmationData",
            attribute(statement.name_format.as_deref().unwrap_or(UNSPECIFIED_NAME)),
            content(&statement.name)
        ),
    );
    if let Some(request) = &statement.in_response_to {
        push(&mut out, format_args!(" InResponseTo=\"{}\"", attribute(request)));
    }
    push(&mut out, format_args!(" NotOnOrAfter=\"{until}\""));
    if let Some(recipient) = &statement.recipient {
        push(&mut out, format_args!(" Recipient=\"{}\"", attribute(recipient)));
    }
    push(
        &mut out,
        format_args!(
            "></saml2:SubjectConfirmationData></saml2:SubjectConfirmation></saml2:Subject>\
         <saml2:Conditions NotBefore=\"{from}\" NotOnOrAfter=\"{until}\">"
        ),
    );
    if !statement.audiences.is_empty() {
        out.push_str("<saml2:AudienceRestriction>");
        for audience in &statement.audiences {
            push(&mut out, format_args!("<saml2:Audience>{}</saml2:Audience>", content(audience)));
        }
        out.push_str("</saml2:AudienceRestriction>");
    }
    push(
        &mut out,
        format_args!("</saml2:Conditions><saml2:AuthnStatement AuthnInstant=\"{}\"", statement.now.iso_z()),
    );
    if let Some(index) = &statement.session_index {
        push(&mut out, format_args!(" SessionIndex=\"{}\"", attribute(index)));
    }
    push(
        &mut out,
        format_args!(
            "><saml2:AuthnContext><saml2:AuthnContextClassRef>{}</saml2:AuthnContextClassRef></saml2:AuthnContext>\
         </saml2:AuthnStatement>",
            content(statement.class.as_deref().unwrap_or(UNSPECIFIED_CLASS))
        ),
    );
    attributes(&mut out, &statement.attributes);
    out
}

fn attributes(out: &mut String, attributes: &[(String, Vec<String>)]) {
    if attributes.is_empty() {
        return;
    }
    out.push_str("<saml2:AttributeStatement>");
    for (name, values) in attributes {
        push(
            out,
            format_args!(
                "<saml2:Attribute Name=\"{}\" NameFormat=\"urn:oasis:names:tc:SAML:2.0:attrname-format:basic\">",
                attribute(name)
            ),
        );
        for value in values {
            push(
                out,
                format_args!(
                    "<saml2:AttributeValue xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" \
                 xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"xs:string\">{}\
                 </saml2:AttributeValue>",
                    content(value)
                ),
            );
        }
        out.push_str("</saml2:Attribute>");
    }
    out.push_str("</saml2:AttributeStatement>");
}

/// The inside of `SignedInfo`. The prefix `xs` stands in attribute values only, so it has to be named.
fn signed_info(id: &str, digest: &str) -> String {
    format!(
        "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:CanonicalizationMethod>\
         <ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"></ds:SignatureMethod>\
         <ds:Reference URI=\"#{}\"><ds:Transforms>\
         <ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></ds:Transform>\
         <ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">\
         <ec:InclusiveNamespaces xmlns:ec=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"xs\">\
         </ec:InclusiveNamespaces></ds:Transform></ds:Transforms>\
         <ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod>\
         <ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>",
        attribute(id)
    )
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a text does not fail.
    out.write_fmt(text).unwrap_or_default();
}

/// A text between tags, canonical (Canonical XML 1.0 section 2.3). Characters that XML 1.0 cannot hold are left out.
fn content(text: &str) -> String {
    escaped(text, |character| match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '\r' => Some("&#xD;"),
        _ => None,
    })
}

/// A text between quotes, canonical.
fn attribute(text: &str) -> String {
    escaped(text, |character| match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '"' => Some("&quot;"),
        '\t' => Some("&#x9;"),
        '\n' => Some("&#xA;"),
        '\r' => Some("&#xD;"),
        _ => None,
    })
}

fn escaped(text: &str, escape: impl Fn(char) -> Option<&'static str>) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match escape(character) {
            Some(entity) => out.push_str(entity),
            None if matches!(character, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}') =>
                {}
            None => out.push(character),
        }
    }
    out
}
