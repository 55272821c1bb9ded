//! The limits of a key as a form shows and reads them.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::time::Duration;

use dovetail_model::{CallMethod, KeyLimits, PathPattern, Tags, Timestamp};
use dovetail_store::integrations;

use crate::dashboard::error::PageError;
use crate::dashboard::errors::FieldErrors;
use crate::dashboard::form::Fields;
use crate::dashboard::parts::{Choice, Item};
use crate::dashboard::visit::Visit;

/// Spans that the form offers, in days.
const SPANS: [(&str, &str); 6] = [
    ("", "Never"),
    ("7", "In 7 days"),
    ("30", "In 30 days"),
    ("90", "In 90 days"),
    ("365", "In a year"),
    ("date", "On a date"),
];

/// What stands in the form.
#[derive(Debug, Default)]
pub(super) struct LimitsForm {
    /// Whether only chosen integrations are reached.
    pub(super) some: bool,
    /// Every integration of the environment, and those that the key names though they are gone.
    pub(super) integrations: Vec<Choice>,
    /// Tags, and room for more.
    pub(super) tags: Vec<Item>,
    pub(super) methods: Vec<Choice>,
    /// Patterns, one a line.
    pub(super) paths: String,
    pub(super) spans: Vec<Choice>,
    /// The last day, `2027-01-31`.
    pub(super) date: String,
    pub(super) rate: String,
    pub(super) use_only: bool,
}

impl LimitsForm {
    /// The form of a key with these limits.
    pub(super) async fn of(visit: &Visit, limits: &KeyLimits) -> Result<Self, PageError> {
        let chosen = limits.integrations.clone().unwrap_or_default();
        let tags = limits.tags.iter().map(|(name, value)| pair(name, value)).collect();
        let span = if limits.expires_at.is_some() { "date" } else { "" };
        let methods: Vec<CallMethod> = limits.methods.iter().flatten().copied().collect();
        let paths: Vec<String> = limits.paths.iter().flatten().map(ToString::to_string).collect();
        let typed = Self {
            some: limits.integrations.is_some(),
            paths: paths.join("\n"),
            date: limits.expires_at.map(day).unwrap_or_default(),
            rate: limits.requests_per_minute.map(|rate| rate.to_string()).unwrap_or_default(),
            use_only: limits.use_only,
            ..Self::default()
        };
        typed.filled(visit, &chosen, tags, &methods, span).await
    }

    /// The form as it was sent.
    pub(super) async fn sent(visit: &Visit, fields: &Fields) -> Result<Self, PageError> {
        let chosen: BTreeSet<String> = fields.all("integration").map(str::to_owned).collect();
        let tags = fields.all("tag_name").zip(fields.all("tag_value")).map(|(name, value)| pair(name, value));
        let methods: Vec<CallMethod> =
            fields.all("method").filter_map(|method| method.parse().ok()).collect();
        let typed = Self {
            some: fields.get("reach") == "some",
            paths: fields.get("paths").to_owned(),
            date: fields.get("date").to_owned(),
            rate: fields.get("rate").to_owned(),
            use_only: fields.flag("use_only"),
            ..Self::default()
        };
        typed.filled(visit, &chosen, tags.collect(), &methods, fields.get("expires")).await
    }

    async fn filled(
        self,
        visit: &Visit,
        chosen: &BTreeSet<String>,
        mut tags: Vec<Item>,
        methods: &[CallMethod],
        span: &str,
    ) -> Result<Self, PageError> {
        let mut db = visit.app().store.read().await?;
        let known = integrations::list(&mut db, visit.env()).await?;
        let keys: BTreeSet<&str> = known
            .iter()
            .map(|known| known.unique_key.as_str())
            .chain(chosen.iter().map(String::as_str))
            .collect();
        let choice =
            |value: &str, chosen| Choice { value: value.to_owned(), label: value.to_owned(), chosen };
        tags.retain(|tag| !(tag.name.is_empty() && tag.value.is_empty()));
        tags.push(pair("", ""));
        Ok(Self {
            integrations: keys.into_iter().map(|key| choice(key, chosen.contains(key))).collect(),
            methods: CallMethod::ALL
                .into_iter()
                .map(|method| choice(method.as_str(), methods.contains(&method)))
                .collect(),
            spans: Choice::all(SPANS.into_iter(), span),
            tags,
            ..self
        })
    }

    /// The limits that it asks for. What is wrong stands at its field.
    pub(super) fn read(&self, now: Timestamp, errors: &mut FieldErrors) -> KeyLimits {
        let chosen = |choices: &[Choice]| -> Vec<String> {
            choices.iter().filter(|choice| choice.chosen).map(|choice| choice.value.clone()).collect()
        };
        let integrations = self.some.then(|| chosen(&self.integrations).into_iter().collect::<BTreeSet<_>>());
        if integrations.as_ref().is_some_and(BTreeSet::is_empty) {
            errors.add("integrations", "Choose at least one integration.");
        }
        let given = self.tags.iter().filter(|tag| !(tag.name.is_empty() && tag.value.is_empty()));
        let tags =
            Tags::parse(given.map(|tag| (tag.name.as_str(), tag.value.as_str()))).unwrap_or_else(|error| {
                errors.add("tags", sentence(&error.to_string()));
                Tags::NONE
            });
        let methods: BTreeSet<CallMethod> =
            chosen(&self.methods).iter().filter_map(|method| method.parse().ok()).collect();
        let limits = KeyLimits {
            integrations,
            tags,
            methods: Some(methods).filter(|methods| !methods.is_empty()),
            paths: self.read_paths(errors),
            expires_at: self.read_end(now, errors),
            requests_per_minute: self.read_rate(errors),
            use_only: self.use_only,
        };
        if errors.is_empty()
            && let Err(error) = limits.clone().validated()
        {
            errors.add("paths", sentence(&error.to_string()));
        }
        limits
    }

    fn read_paths(&self, errors: &mut FieldErrors) -> Option<BTreeSet<PathPattern>> {
        let mut paths = BTreeSet::new();
        for line in self.paths.lines().map(str::trim).filter(|line| !line.is_empty()) {
            match line.parse() {
                Ok(path) => {
                    paths.insert(path);
                }
                Err(error) => {
                    errors.add("paths", sentence(&format!("{error}")));
                    break;
                }
            }
        }
        Some(paths).filter(|paths| !paths.is_empty())
    }

    fn read_end(&self, now: Timestamp, errors: &mut FieldErrors) -> Option<Timestamp> {
        let span = self.spans.iter().find(|span| span.chosen).map_or("", |span| span.value.as_str());
        if let Ok(days) = span.parse::<u64>() {
            return Some(now.plus(Duration::from_hours(24 * days)));
        }
        if span != "date" {
            return None;
        }
        // Until the end of that day in UTC.
        let end = Timestamp::parse(&self.date).map(|day| day.plus(Duration::from_hours(24)));
        match end {
            Some(end) if end > now => Some(end),
            Some(_) => {
                errors.add("date", "This day is over. Choose a later one.");
                None
            }
            None => {
                errors.add("date", "This is not a date. Write it as 2027-01-31.");
                None
            }
        }
    }

    fn read_rate(&self, errors: &mut FieldErrors) -> Option<NonZeroU32> {
        if self.rate.is_empty() {
            return None;
        }
        let rate = self
            .rate
            .parse::<NonZeroU32>()
            .ok()
            .filter(|rate| rate.get() <= dovetail_model::limits::MAX_KEY_RATE);
        if rate.is_none() {
            errors.add("rate", "This is not a number from 1 to 1000000.");
        }
        rate
    }
}

fn pair(name: &str, value: &str) -> Item {
    Item { name: name.to_owned(), value: value.to_owned(), masked: false }
}

/// The last day on which a key works.
fn day(end: Timestamp) -> String {
    end.minus(Duration::from_millis(1)).iso_z().chars().take(10).collect()
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
