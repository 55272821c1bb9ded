//! The first version of a definition and its guide, from a few answers. It passes the lint; what only the provider's
//! documentation knows is left in words that say so.

use crate::{definition::CATEGORIES, load::is_id, template::Template};

/// Modes that a few answers are enough for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ScaffoldMode {
    /// A key in a header.
    #[default]
    ApiKey,
    /// User name and password.
    Basic,
    /// OAuth 2 with redirect.
    Oauth2,
    /// OAuth 2 with client credentials.
    Oauth2Cc,
    /// Nothing.
    None,
}

/// The answers.
#[derive(Debug, Clone, Default)]
pub struct Scaffold {
    /// Name people know.
    pub name: String,
    /// One of [`CATEGORIES`].
    pub category: String,
    /// How accounts are linked.
    pub mode: ScaffoldMode,
    /// Template of the base URL.
    pub base_url: String,
    /// `name: value` of the header with the key; API_KEY only.
    pub header: String,
    /// OAUTH2 only.
    pub authorization_url: String,
    /// OAUTH2 and OAUTH2_CC only.
    pub token_url: String,
    /// Path that proves a key; empty for none.
    pub verification: String,
    /// Page of the provider; empty for none.
    pub docs: String,
    /// Name, pattern and example of every `${connectionConfig.…}`.
    pub config: Vec<(String, String, String)>,
}

/// The two files. NONE without fields has no guide.
#[derive(Debug, Clone)]
pub struct ScaffoldFiles {
    /// `provider.yaml`.
    pub provider: Option<String>,
    /// `guide.yaml`.
    pub guide: Option<String>,
}

impl Scaffold {
    /// The connection-config values that its URLs name, in order.
    pub fn config_names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for source in [&self.base_url, &self.authorization_url, &self.token_url] {
            for name in Template::parse(source.as_str()).names() {
                if let Some(key) = name.strip_prefix("connectionConfig.")
                    && !names.iter().any(|known| known == key)
                {
                    names.push(key.to_owned());
                }
            }
        }
        names
    }
}

/// One field of the form, for both files.
struct Field {
    group: &'static str,
    name: String,
    title: String,
    description: String,
    more: Vec<String>,
}

/// Writes the files. The error says which answer cannot be used.
pub fn scaffold(id: &str, answers: &Scaffold) -> Result<ScaffoldFiles, String> {
    if !is_id(id) {
        return Err(format!("`{id}` is no id: lower-case letters, digits and hyphens"));
    }
    if !CATEGORIES.contains(&answers.category.as_str()) {
        return Err(format!("`{}` is no category", answers.category));
    }
    let fields = fields(answers);
    let guided = !fields.is_empty();
    Ok(ScaffoldFiles {
        provider: Some(provider(id, answers, &fields, guided)?),
        guide: guided.then(|| guide(id, answers, &fields)),
    })
}

fn fields(answers: &Scaffold) -> Vec<Field> {
    let name = &answers.name;
    let credential = |key: &str, title: &str, description: String, secret: bool| Field {
        group: "credentials",
        name: key.to_owned(),
        title: title.to_owned(),
        description,
        more: if secret { vec!["secret: true".to_owned()] } else { Vec::new() },
    };
    let mut fields: Vec<Field> = answers
        .config
        .iter()
        .enumerate()
        .map(|(at, (key, pattern, example))| Field {
            group: "connection_config",
            name: key.clone(),
            title: words(key),
            description: format!("The part of your {name} address that is yours: {example}."),
            more: vec![
                format!("example: {}", quoted(example)),
                format!("pattern: {}", quoted(pattern)),
                format!("order: {}", at + 1),
            ],
        })
        .collect();
    match answers.mode {
        ScaffoldMode::ApiKey => {
            let text = format!("A key of your {name} account.");
            fields.push(credential("apiKey", "API key", text, true));
        }
        ScaffoldMode::Basic => {
            let text = format!("The name you sign in to {name} with.");
            fields.push(credential("username", "User name", text, false));
            fields.push(credential(
                "password",
                "Password",
                format!("The password that belongs to it at {name}."),
                true,
            ));
        }
        ScaffoldMode::Oauth2Cc => {
            let text = format!("The public id of your app at {name}.");
            fields.push(credential("client_id", "Client ID", text, false));
            fields.push(credential(
                "client_secret",
                "Client secret",
                format!("The secret of your app at {name}."),
                true,
            ));
        }
        ScaffoldMode::Oauth2 | ScaffoldMode::None => {}
    }
    fields
}

fn provider(id: &str, answers: &Scaffold, fields: &[Field], guided: bool) -> Result<String, String> {
    let mode = match answers.mode {
        ScaffoldMode::ApiKey => "API_KEY",
        ScaffoldMode::Basic => "BASIC",
        ScaffoldMode::Oauth2 => "OAUTH2",
        ScaffoldMode::Oauth2Cc => "OAUTH2_CC",
        ScaffoldMode::None => "NONE",
    };
    let mut out = format!(
        "display_name: {}\ncategories: [{}]\nauth_mode: {mode}\n",
        quoted(&answers.name),
        answers.category
    );
    for (key, url) in [("authorization_url", &answers.authorization_url), ("token_url", &answers.token_url)] {
        if !url.is_empty() {
            out.push_str(&format!("{key}: {}\n", quoted(url)));
        }
    }
    if answers.mode == ScaffoldMode::Oauth2 {
        out.push_str("token_params:\n  grant_type: authorization_code\n");
    }
    if answers.mode == ScaffoldMode::Oauth2Cc {
        out.push_str("token_params:\n  grant_type: client_credentials\n");
    }
    out.push_str(&format!("proxy:\n  base_url: {}\n", quoted(&answers.base_url)));
    if answers.mode == ScaffoldMode::ApiKey {
        let (name, value) = answers
            .header
            .split_once(':')
            .ok_or_else(|| format!("`{}` is no header: write `name: value`", answers.header))?;
        out.push_str(&format!("  headers:\n    {}: {}\n", name.trim().to_lowercase(), quoted(value.trim())));
    }
    if !answers.verification.is_empty() {
        let path = quoted(&answers.verification);
        out.push_str(&format!("  verification:\n    method: GET\n    endpoints: [{path}]\n"));
    }
    out.push_str(&format!("docs: /guides/{id}\n"));
    if guided {
        out.push_str(&format!("docs_connect: /guides/{id}\n"));
    }
    for group in ["connection_config", "credentials"] {
        let own: Vec<&Field> = fields.iter().filter(|field| field.group == group).collect();
        if own.is_empty() {
            continue;
        }
        out.push_str(&format!("{group}:\n"));
        for field in own {
            out.push_str(&format!(
                "  {}:\n    type: string\n    title: {}\n    description: {}\n",
                field.name,
                quoted(&field.title),
                quoted(&field.description)
            ));
            for line in &field.more {
                out.push_str(&format!("    {line}\n"));
            }
            out.push_str(&format!("    doc_section: \"#{}\"\n", step_id(field)));
        }
    }
    Ok(out)
}

fn guide(id: &str, answers: &Scaffold, fields: &[Field]) -> String {
    let account = quoted(&format!("{} account", answers.name));
    let mut out = format!("provider: {id}\ncovers: [{id}]\nneeds:\n  - {account}\nsteps:\n");
    for field in fields {
        let title = short(&format!("Find the {}", lower_first(&field.title)));
        let sentence =
            format!("Sign in to {} and open the page that shows the **{}**.", answers.name, field.title);
        out.push_str(&format!(
            "  - id: {}\n    title: {}\n    anchors: []\n    gives: [{}.{}]\n    do:\n      - {}\n      - \"Copy it.\"\n",
            step_id(field),
            quoted(&title),
            field.group,
            field.name,
            quoted(&sentence)
        ));
    }
    out.push_str("notes: []\n");
    if !answers.docs.is_empty() {
        out.push_str(&format!("docs: {}\n", quoted(&answers.docs)));
    }
    out
}

fn step_id(field: &Field) -> String {
    let kebab: String = field
        .title
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect();
    let parts: Vec<&str> = kebab.split('-').filter(|part| !part.is_empty()).collect();
    format!("find-{}", parts.join("-"))
}

/// `subDomain_x` as words.
fn words(key: &str) -> String {
    let mut out = String::new();
    for c in key.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
        out.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' });
    }
    let mut letters = out.trim().chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A title in the middle of a sentence; abbreviations stay.
fn lower_first(title: &str) -> String {
    let mut letters = title.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => first.to_lowercase().chain(letters).collect(),
        _ => title.to_owned(),
    }
}

/// At most the words a title may have.
fn short(title: &str) -> String {
    title.split_whitespace().take(crate::limits::GUIDE_TITLE_WORDS).collect::<Vec<_>>().join(" ")
}

/// A YAML scalar in double quotes: JSON strings are such scalars.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
