//! Ways in which a proxied call could be steered past the limits of its key.

use dovetail_model::{Act, Steering};
use dovetail_proxy::CallerHeaders;

use crate::auth::Reach;
use crate::wire::ApiResult;

/// Fields by which services and their frameworks take another method than that of the request.
const METHOD_FIELDS: [&str; 3] = ["x-http-method-override", "x-http-method", "x-method-override"];
/// Fields by which they take another path.
const PATH_FIELDS: [&str; 4] = ["x-original-url", "x-rewrite-url", "x-original-uri", "x-forwarded-uri"];
/// The query parameter that stands for the method in several frameworks.
const METHOD_PARAMETER: &str = "_method";

/// Checks everything of a call but method, path and whose account it uses.
///
/// Errors: as [`Reach::permits`].
pub(super) fn check(reach: &Reach, headers: &CallerHeaders, endpoint: &str) -> ApiResult<()> {
    if reach.is_unlimited() {
        return Ok(());
    }
    let forwards = |fields: &[&str]| fields.iter().any(|field| headers.forwarded.contains_key(*field));
    let used = [
        (headers.base_url_override.is_some(), Steering::BaseUrl),
        (headers.forward_headers_on_redirect == Some(true), Steering::ForeignHeaders),
        (names_configuration(endpoint), Steering::Placeholder),
        (forwards(&METHOD_FIELDS) || has_method_parameter(endpoint), Steering::Method),
        (forwards(&PATH_FIELDS), Steering::Path),
    ];
    for (_, steering) in used.into_iter().filter(|(is_used, _)| *is_used) {
        reach.permits(Act::Steer(steering))?;
    }
    Ok(())
}

/// Callers may place values of the configuration, and some of those are secret.
fn names_configuration(endpoint: &str) -> bool {
    endpoint.contains("${")
        && ["connectionConfig", "connection_config"].iter().any(|name| endpoint.contains(name))
}

fn has_method_parameter(endpoint: &str) -> bool {
    let query = endpoint.split_once('?').map_or("", |(_, query)| query);
    url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name.eq_ignore_ascii_case(METHOD_PARAMETER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_and_the_method_parameter_are_seen() {
        assert!(names_configuration("/a/${connectionConfig.x}"));
        assert!(names_configuration("/a?b=${ connection_config.x}"));
        assert!(!names_configuration("/a/${metadata.x}") && !names_configuration("/connectionConfig"));
        assert!(has_method_parameter("/a?x=1&_method=DELETE") && has_method_parameter("/a?%5Fmethod=PUT"));
        assert!(!has_method_parameter("/_method?x=_method"));
    }
}
