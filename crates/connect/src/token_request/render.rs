//! From a definition's templates to the parts of a request.

use dovetail_catalog::OrderedMap;
use dovetail_catalog::template::{Author, Context, Mode, Moment, Template, Tree, UrlError, UrlStyle};
use dovetail_model::AuthMode;
use serde_json::{Map, Value};
use url::Url;

use crate::obtain::{ObtainError, Party};

/// The instant and the random value that the templates of one request share.
#[derive(Debug)]
pub struct Values {
    moment: Moment,
}

impl Values {
    /// Of a request made now.
    pub fn of(party: &Party<'_>) -> Self {
        Self { moment: Moment::new(party.now.millis(), party.random.uuid_v4().to_string()) }
    }

    /// The names that OAuth URLs and their parameters may use: the connection's configuration, with and without its
    /// prefix.
    pub fn context<'a>(&'a self, config: &'a Map<String, Value>) -> Context<'a> {
        Context::new(&self.moment).flat(config).connection_config(config)
    }
}

/// A URL of a definition. Errors name what is missing, never a value.
pub fn render_url(template: &Template, context: &Context<'_>) -> Result<Url, ObtainError> {
    let text = template
        .render_url(UrlStyle::Authorization, Mode::Tree, context, Author::Definition)
        .map_err(|error| url_error(&error))?;
    Url::parse(&text).map_err(|_| ObtainError::Unbuildable("the URL is not valid".to_owned()))
}

fn url_error(error: &UrlError) -> ObtainError {
    ObtainError::Unbuildable(match error {
        UrlError::Missing { name, connection_config: true } => {
            format!("the connection's configuration has no `{name}`")
        }
        other => other.to_string(),
    })
}

/// The definition's token URL for its auth mode. Of an app's two URLs (`CUSTOM`) the person's tokens come from that of
/// OAUTH2; the installation's is asked for with [`token_template_of`].
pub fn token_template<'a>(party: &Party<'a>) -> Result<&'a Template, ObtainError> {
    match party.provider.auth_mode() {
        AuthMode::Custom => token_template_of(party, AuthMode::Oauth2),
        mode => token_template_of(party, mode),
    }
}

/// The definition's token URL for one of its modes.
pub fn token_template_of<'a>(party: &Party<'a>, mode: AuthMode) -> Result<&'a Template, ObtainError> {
    let urls = party.provider.token_url.as_ref();
    urls.and_then(|urls| urls.get(mode.as_str()))
        .ok_or_else(|| ObtainError::Unbuildable("the definition has no token URL".to_owned()))
}

/// Parameters of a definition, nested ones too. A placeholder without value is an error that names it.
pub fn render_params(
    params: &OrderedMap<Tree>,
    mode: Mode,
    context: &Context<'_>,
) -> Result<Map<String, Value>, ObtainError> {
    let mut rendered = Map::new();
    for (name, tree) in params.iter() {
        for template in tree.templates() {
            if let Some(missing) = template.render(mode, context).missing.first() {
                return Err(ObtainError::Unbuildable(format!(
                    "`{missing}` of the parameter `{name}` has no value"
                )));
            }
        }
        if let Some(value) = tree.render(mode, context) {
            rendered.insert(name.to_owned(), value);
        }
    }
    Ok(rendered)
}

/// Headers of a definition. A placeholder without value is an error that names it.
pub fn render_headers(
    headers: &OrderedMap<Template>,
    mode: Mode,
    context: &Context<'_>,
) -> Result<Vec<(String, String)>, ObtainError> {
    let rendered = |(name, template): (&str, &Template)| {
        let value = template.render(mode, context);
        match value.missing.first() {
            Some(missing) => {
                Err(ObtainError::Unbuildable(format!("`{missing}` of the header `{name}` has no value")))
            }
            None => Ok((name.to_ascii_lowercase(), value.text)),
        }
    };
    headers.iter().map(rendered).collect()
}
