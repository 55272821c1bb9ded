//! `dovetail catalog new`: the first version of a definition and its guide, made by asking.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
use dovetail_catalog::{CATEGORIES, Scaffold, ScaffoldMode, lint, repository_catalogue, scaffold};

use crate::args::CatalogNewArgs;
use crate::commands::say;

/// Asks what no flag says, writes the two files, and runs the lint over them.
pub fn run(args: &CatalogNewArgs) -> anyhow::Result<ExitCode> {
    let folder = args
        .folder
        .clone()
        .or_else(repository_catalogue)
        .context("name the folder with --folder (without it, ./catalog of this repository is meant)")?;
    let place = folder.join(&args.id);
    ensure!(!place.exists(), "{} is there already", place.display());
    let answers = ask(args)?;
    let files = scaffold(&args.id, &answers).map_err(anyhow::Error::msg)?;

    fs::create_dir_all(&place).with_context(|| format!("cannot make {}", place.display()))?;
    for (name, text) in [("provider.yaml", &files.provider), ("guide.yaml", &files.guide)] {
        let Some(text) = text else { continue };
        let path = place.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        say::line(format!("Written: {}", path.display()));
    }
    let outcome = lint(&folder)?;
    let own: Vec<_> = outcome
        .findings
        .iter()
        .filter(|finding| std::path::Path::new(&finding.file).starts_with(&place))
        .collect();
    for finding in &own {
        say::line(finding.to_string());
    }
    say::line(format!(
        "Next: put in where a person finds each value, then dovetail catalog lint {}",
        folder.display()
    ));
    Ok(if own.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn ask(args: &CatalogNewArgs) -> anyhow::Result<Scaffold> {
    let mode_names = "API_KEY, BASIC, OAUTH2, OAUTH2_CC or NONE";
    let name = answer(args.name.as_deref(), "Name people know", Some(&title_of(&args.id)))?;
    let mode = answer(
        args.auth_mode.as_deref(),
        &format!("How accounts are linked ({mode_names})"),
        Some("API_KEY"),
    )?;
    let mode = match mode.to_uppercase().as_str() {
        "API_KEY" => ScaffoldMode::ApiKey,
        "BASIC" => ScaffoldMode::Basic,
        "OAUTH2" => ScaffoldMode::Oauth2,
        "OAUTH2_CC" => ScaffoldMode::Oauth2Cc,
        "NONE" => ScaffoldMode::None,
        other => bail!(
            "`{other}` is not one of {mode_names}; for other modes start from an entry of the same mode"
        ),
    };
    let category = answer(args.category.as_deref(), "Category", Some("other"))?;
    ensure!(
        CATEGORIES.contains(&category.as_str()),
        "`{category}` is no category; there are: {}",
        CATEGORIES.join(", ")
    );
    let question = "Base URL of the API; ${connectionConfig.<name>} for a part that differs by customer";
    let base_url = answer(args.base_url.as_deref(), question, None)?;
    let mut scaffold = Scaffold { name, category, mode, base_url, ..Scaffold::default() };
    if mode == ScaffoldMode::ApiKey {
        scaffold.header = answer(
            args.header.as_deref(),
            "Header with the key, as `name: value`",
            Some("authorization: Bearer ${apiKey}"),
        )?;
    }
    if matches!(mode, ScaffoldMode::Oauth2) {
        scaffold.authorization_url = answer(args.authorization_url.as_deref(), "Authorization URL", None)?;
    }
    if matches!(mode, ScaffoldMode::Oauth2 | ScaffoldMode::Oauth2Cc) {
        scaffold.token_url = answer(args.token_url.as_deref(), "Token URL", None)?;
    }
    if matches!(mode, ScaffoldMode::ApiKey | ScaffoldMode::Basic) {
        let question = "Path that every valid key may GET (empty: keys are not checked when linked)";
        scaffold.verification = answer(args.verify.as_deref(), question, Some(""))?;
    }
    scaffold.docs = answer(
        args.docs.as_deref(),
        "Page of the provider that tells where the values are (empty: none)",
        Some(""),
    )?;
    let mut given: BTreeMap<&str, &str> = BTreeMap::new();
    for pair in &args.pattern {
        let (key, pattern) = pair.split_once('=').context("--pattern is written NAME=REGEX")?;
        given.insert(key, pattern);
    }
    for key in scaffold.config_names() {
        let question = format!("Pattern of `{key}` (a regular expression that only such values fit)");
        let pattern = answer(given.get(key.as_str()).copied(), &question, Some("^[a-z0-9-]+$"))?;
        let question = format!("An example of `{key}`");
        let example = answer(None, &question, Some("acme"))?;
        scaffold.config.push((key, pattern, example));
    }
    Ok(scaffold)
}

/// The flag's value; else what is typed; else, and where nobody can type, the default.
fn answer(flag: Option<&str>, question: &str, default: Option<&str>) -> anyhow::Result<String> {
    if let Some(value) = flag {
        return Ok(value.trim().to_owned());
    }
    let stdin = io::stdin();
    loop {
        let hint =
            default.filter(|text| !text.is_empty()).map(|text| format!(" [{text}]")).unwrap_or_default();
        if stdin.is_terminal() {
            write!(io::stdout(), "{question}{hint}: ")?;
            io::stdout().flush()?;
        }
        let mut line = String::new();
        let read = stdin.lock().read_line(&mut line)?;
        match (line.trim(), default) {
            ("", Some(default)) => return Ok(default.to_owned()),
            ("", None) if read == 0 => bail!("no answer to: {question}"),
            ("", None) => {}
            (text, _) => return Ok(text.to_owned()),
        }
    }
}

/// `acme-crm` as a name.
fn title_of(id: &str) -> String {
    let word = |part: &str| {
        let mut letters = part.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect::<String>())
            .unwrap_or_default()
    };
    id.split('-').map(word).collect::<Vec<_>>().join(" ")
}
