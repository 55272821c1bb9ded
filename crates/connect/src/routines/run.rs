//! Runs routines: one connection, its requests, what they change.

use dovetail_catalog::outgoing::{
    self, Call, CallBody, ConnectionFacts, CredentialView, OutgoingError, Request,
};
use dovetail_catalog::template::{Context, Mode, Moment, Template};
use dovetail_model::Credentials;
use serde_json::{Map, Value};

use super::language::{Ask, Base, Content, Source, Step, Table, Take};
use super::outcome::{Changes, RoutineError};
use super::path;
use crate::ask::{Asking, Heard};
use crate::integration_facts::IntegrationValues;
use crate::limits::{ROUTINE_ANSWER_BYTES, ROUTINE_TOTAL};
use crate::obtain::Party;
use crate::verify::{NONCE_CHARS, Reason};

/// A routine under way.
pub(crate) struct Run<'r, 'a> {
    pub(crate) party: Party<'a>,
    pub(crate) credentials: &'a Credentials,
    view: CredentialView,
    moment: Moment,
    asking: &'r mut Asking<'a>,
    /// The configuration with what was found out so far.
    config: Map<String, Value>,
    pub(crate) changes: Changes,
}

impl<'r, 'a> Run<'r, 'a> {
    pub(crate) fn new(party: Party<'a>, credentials: &'a Credentials, asking: &'r mut Asking<'a>) -> Self {
        Self {
            party,
            credentials,
            view: CredentialView::from(credentials),
            moment: Moment::new(party.now.millis(), party.random.uuid_v4().to_string()),
            asking,
            config: party.connection_config.clone(),
            changes: Changes::default(),
        }
    }

    /// A text or number of the configuration as it is now.
    pub(crate) fn config(&self, key: &str) -> Option<String> {
        match self.config.get(key)? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// Sets a value of the configuration.
    pub(crate) fn set(&mut self, key: &str, value: impl Into<Value>) {
        let value = value.into();
        self.config.insert(key.to_owned(), value.clone());
        self.changes.set.insert(key.to_owned(), value);
    }

    /// A claim of the access token.
    pub(crate) fn claim(&self, name: &str) -> Option<Value> {
        path::claim(self.view.access_token()?, name)
    }

    /// Follows a table to its end.
    pub(crate) async fn follow(&mut self, table: &Table) -> Result<(), RoutineError> {
        for step in table.0 {
            self.step(step).await?;
        }
        Ok(())
    }

    async fn step(&mut self, step: &Step) -> Result<(), RoutineError> {
        // Nothing is asked for what is known.
        let nothing_new = !step.take.is_empty() && step.take.iter().all(|take| self.is_given(take));
        if !nothing_new {
            let answer = match &step.ask {
                Some(ask) => {
                    let heard = self.ask(ask).await?;
                    let read = step.take.iter().any(|take| matches!(take.from, Source::Answer(_)));
                    if read { Some(json(&heard)?) } else { None }
                }
                None => None,
            };
            for take in step.take {
                self.take(take, answer.as_ref())?;
            }
        }
        self.changes.remove.extend(step.remove.iter().map(|key| (*key).to_owned()));
        Ok(())
    }

    fn is_given(&self, take: &Take) -> bool {
        take.only_if_missing && self.config(take.key).is_some()
    }

    fn take(&mut self, take: &Take, answer: Option<&Value>) -> Result<(), RoutineError> {
        if self.is_given(take) {
            return Ok(());
        }
        let found = self.find(take.from, answer);
        let found = match take.shape {
            Some(shape) => found.as_ref().and_then(shape),
            None => found,
        };
        match found {
            Some(value) => self.set(take.key, value),
            None if take.needed => return Err(RoutineError::Missing(format!("`{}`", take.key))),
            None => {}
        }
        Ok(())
    }

    fn find(&self, from: Source, answer: Option<&Value>) -> Option<Value> {
        match from {
            Source::Answer(path) => path::at(answer?, path).cloned(),
            Source::Claim(name) => self.claim(name),
            Source::Raw(path) => path::at(self.view.fields.get("raw")?, path).cloned(),
            Source::Credential(name) => self.view.fields.get(name).filter(|value| !value.is_null()).cloned(),
            Source::Config(key) => self.config.get(key).filter(|value| !value.is_null()).cloned(),
        }
    }

    /// Asks, and hears an answer that is a success.
    pub(crate) async fn ask(&mut self, ask: &Ask) -> Result<Heard, RoutineError> {
        let request = self.request(ask).map_err(|error| RoutineError::Unbuildable(error.to_string()))?;
        let heard = self.hear(request).await.map_err(RoutineError::NoAnswer)?;
        match Reason::of_status(heard.status.as_u16()) {
            None => Ok(heard),
            Some(reason) => {
                let detail = heard.words();
                self.asking.blame(reason, detail.clone());
                Err(RoutineError::Refused { status: heard.status.as_u16(), detail })
            }
        }
    }

    /// Asks, and hears an answer that is JSON.
    pub(crate) async fn ask_json(&mut self, ask: &Ask) -> Result<Value, RoutineError> {
        json(&self.ask(ask).await?)
    }

    /// Sends a request and reads the whole answer, whatever its status. A page of another origin is no answer.
    pub(crate) async fn hear(&mut self, request: Request) -> Result<Heard, Reason> {
        let heard = match self.asking.ask(request, ROUTINE_TOTAL).await {
            Ok(reply) if !reply.at_home => Err(Reason::SentAway),
            Ok(reply) => reply.read(ROUTINE_ANSWER_BYTES).await,
            Err(reason) => Err(reason),
        };
        heard.inspect_err(|reason| {
            self.asking.blame(*reason, None);
        })
    }

    /// Builds a request.
    pub(crate) fn request(&self, ask: &Ask) -> Result<Request, OutgoingError> {
        let values = IntegrationValues::of(self.party.integration);
        let metadata = Map::new();
        let (content_type, body) = match ask.body {
            Content::None => (None, None),
            Content::Json(text) => (Some("application/json"), Some(text.to_owned())),
            Content::Of(content_type, make) => (Some(content_type), Some(make(&self.view))),
        };
        let own: Vec<(String, String)> =
            content_type.iter().map(|kind| ("content-type".to_owned(), (*kind).to_owned())).collect();
        let base = match ask.base {
            Base::Definition => None,
            Base::At(base) => Some(base),
            Base::ByName { part, with, without } => {
                Some(if self.party.provider.id().contains(part) { with } else { without })
            }
        };
        let call = Call {
            provider: Some(self.party.provider),
            connection: ConnectionFacts {
                connection_id: self.party.connection_id,
                connection_config: &self.config,
                metadata: &metadata,
                credentials: &self.view,
            },
            integration: values.facts(),
            method: ask.method,
            endpoint: ask.path,
            base_override: None,
            headers: &own,
            body: body.as_ref().map_or(CallBody::Absent, |body| CallBody::Bytes(body.as_bytes())),
            moment: &self.moment,
            nonce: &self.party.random.alphanumeric(NONCE_CHARS),
        };
        let mut request =
            outgoing::to_place(&call, &Template::parse(ask.path), base.map(Template::parse).as_ref())?;
        self.set_headers(ask, &mut request)?;
        Ok(request)
    }

    fn set_headers(&self, ask: &Ask, request: &mut Request) -> Result<(), OutgoingError> {
        let query = request.url.query().unwrap_or_default().to_owned();
        let path = request.url.path().to_owned();
        for (name, template) in ask.headers {
            let token = self.view.access_token().unwrap_or_default();
            let context = Context::new(&self.moment)
                .text("method", ask.method)
                .text("path", path.as_str())
                .text("urlCanonicalParams", query.as_str())
                .map("credentials", &self.view.fields)
                .text("accessToken", token)
                .connection_config(&self.config);
            let value = Template::parse(*template).render(Mode::Proxy, &context);
            if let Some(name) = value.missing.first() {
                return Err(OutgoingError::MissingValue { name: name.clone() });
            }
            request.headers.retain(|(known, _)| known != name);
            if !value.text.is_empty() {
                request.headers.push(((*name).to_owned(), value.text));
            }
        }
        Ok(())
    }

    /// Writes at the latest request what was wrong with its answer.
    pub(crate) fn blame(&mut self, reason: Reason, detail: Option<String>) -> crate::verify::TestFailure {
        self.asking.blame(reason, detail)
    }
}

fn json(heard: &Heard) -> Result<Value, RoutineError> {
    heard.json().ok_or_else(|| RoutineError::Missing("JSON".to_owned()))
}
