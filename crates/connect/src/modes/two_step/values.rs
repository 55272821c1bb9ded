//! What the templates of a two-step login may name.

use dovetail_catalog::template::{Author, Context, Leaf, Mode, Moment, Template, Tree, UrlStyle};
use dovetail_catalog::{OrderedMap, capture_response};
use serde_json::{Map, Value};
use url::Url;

use super::RESERVED;
use crate::obtain::{ObtainError, Party};

/// The submitted fields that the definition knows. Those that the integration fills are not kept.
pub(super) fn declared(party: &Party<'_>, fields: &Map<String, Value>) -> Map<String, Value> {
    let (provider, integration) = (party.provider, &party.integration.secrets.custom);
    let known = |name: &str| {
        (provider.credentials.contains(name) || provider.integration_config.contains(name))
            && !RESERVED.contains(&name)
            && !integration.contains_key(name)
    };
    fields.iter().filter(|(name, _)| known(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The fields, with the integration's own values over them.
pub(super) fn with_integration(party: &Party<'_>, fields: &Map<String, Value>) -> Map<String, Value> {
    let mut all = fields.clone();
    for (name, _) in party.provider.integration_config.iter() {
        if let Some(value) = party.integration.secrets.custom.get(name) {
            all.insert(name.to_owned(), Value::from(value.expose()));
        }
    }
    all
}

/// Fields, configuration and earlier answers, as one request sees them.
pub(super) struct Known<'a> {
    config: &'a Map<String, Value>,
    moment: Moment,
    fields: Map<String, Value>,
    /// The fields as they stand inside a quoted text.
    quoted: Map<String, Value>,
    answers: Vec<(String, Value)>,
}

impl<'a> Known<'a> {
    pub(super) fn new(party: &Party<'a>, fields: Map<String, Value>) -> Self {
        let quoted = fields.iter().map(|(name, value)| (name.clone(), quoted(value))).collect();
        let moment = Moment::new(party.now.millis(), party.random.uuid_v4().to_string());
        Self { config: party.connection_config, moment, fields, quoted, answers: Vec::new() }
    }

    pub(super) fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    pub(super) fn add(&mut self, name: &str, value: Value) {
        self.quoted.insert(name.to_owned(), quoted(&value));
        self.fields.insert(name.to_owned(), value);
    }

    /// The answer of the step with this number, counted from 1: `${step1.…}`.
    pub(super) fn answered(&mut self, step: usize, body: Value) {
        self.answers.push((format!("step{step}"), body));
    }

    /// What the earlier answers hold under these names.
    pub(super) fn captured(&self, names: &[String]) -> Map<String, Value> {
        self.answers.iter().flat_map(|(_, body)| capture_response(names, body)).collect()
    }

    fn context<'c>(&'c self, fields: &'c Map<String, Value>) -> Context<'c> {
        let context =
            Context::new(&self.moment).flat(fields).map("credentials", fields).connection_config(self.config);
        self.answers.iter().fold(context, |context, (name, body)| context.json(name.as_str(), body))
    }

    /// A URL: values keep to their place in it. One that an earlier answer names as a whole is an absolute https URL.
    pub(super) fn url(&self, template: &Template) -> Result<Url, ObtainError> {
        let text = template
            .render_url(UrlStyle::Authorization, Mode::Tree, &self.context(&self.fields), Author::Definition)
            .map_err(|error| ObtainError::Unbuildable(error.to_string()))?;
        Url::parse(&text).map_err(|_| ObtainError::Unbuildable("the URL is not valid".to_owned()))
    }

    /// Parameters; one whose placeholders have no value is left out.
    pub(super) fn params(&self, params: &OrderedMap<Tree>) -> Map<String, Value> {
        let mut out = Map::new();
        for (name, tree) in params.iter() {
            let rendered = tree.render_with(&mut |template| {
                let fields = if stands_in_quotes(template) { &self.quoted } else { &self.fields };
                match template.render(Mode::Flat, &self.context(fields)).complete() {
                    Some(text) => Leaf::Put(Value::String(text)),
                    None => Leaf::Drop,
                }
            });
            if let Some(value) = rendered {
                out.insert(name.to_owned(), value);
            }
        }
        out
    }

    /// Headers; one whose placeholders have no value is left out.
    pub(super) fn headers(&self, headers: &OrderedMap<Template>) -> Vec<(String, String)> {
        let context = self.context(&self.fields);
        let rendered = |(name, template): (&str, &Template)| {
            Some((name.to_ascii_lowercase(), template.render(Mode::Flat, &context).complete()?))
        };
        headers.iter().filter_map(rendered).collect()
    }

    /// Texts that must not come back in an error.
    pub(super) fn secrets(&self) -> Vec<String> {
        self.fields.values().filter_map(Value::as_str).map(str::to_owned).collect()
    }
}

/// Whether a placeholder stands between quotes, in a text of another language (a GraphQL document).
fn stands_in_quotes(template: &Template) -> bool {
    template.source().contains("\"${")
}

/// A text as it stands inside a quoted text: JSON's escapes are GraphQL's too.
fn quoted(value: &Value) -> Value {
    match value {
        Value::String(text) => {
            let escaped = Value::from(text.as_str()).to_string();
            Value::from(&escaped[1..escaped.len() - 1])
        }
        other => other.clone(),
    }
}
