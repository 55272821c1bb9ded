//! The markdown twin of a guide page.

use super::assemble::Guide;

/// What the twin knows about where it is served.
#[derive(Debug, Clone, Copy, Default)]
pub struct MarkdownContext<'a> {
    /// Absolute address of the index of all guides (`…/llms.txt`).
    pub index_url: Option<&'a str>,
    /// Name of the product that embeds the form; a neutral phrase when absent.
    pub product: Option<&'a str>,
}

impl Guide {
    /// The page's question and title.
    pub fn title(&self) -> String {
        format!("{}: How do I link my account?", self.display_name)
    }

    /// The guide as markdown: note with the index, needs, numbered steps, notes.
    pub fn markdown(&self, context: &MarkdownContext<'_>) -> String {
        let mut out = String::new();
        if let Some(index) = context.index_url {
            out.push_str(&format!("> All guides are listed at {index}\n\n"));
        }
        out.push_str(&format!("# {}\n", self.title()));
        if !self.needs.is_empty() {
            out.push_str("\n## What you need\n\n");
            list(&mut out, &self.needs);
        }
        for (number, step) in self.steps.iter().enumerate() {
            out.push_str(&format!("\n## Step {}: {}\n\n", number + 1, step.title));
            if let Some(product) = context.product.filter(|_| number + 1 == self.steps.len()) {
                out.push_str(&format!("In the form that {product} showed you:\n\n"));
            }
            match (&step.open, step.link()) {
                (_, Some(link)) => out.push_str(&format!("Start at <{link}>.\n\n")),
                (Some(pattern), None) => out.push_str(&format!("Start at `{pattern}`.\n\n")),
                (None, None) => {}
            }
            for (place, action) in step.actions.iter().enumerate() {
                out.push_str(&format!("{}. {action}\n", place + 1));
            }
            if !step.gives.is_empty() {
                let titles: Vec<_> = step.gives.iter().map(|field| format!("**{}**", field.title)).collect();
                out.push_str(&format!("\nYou now have: {}.\n", titles.join(", ")));
            }
            for warning in &step.warnings {
                out.push_str(&format!("\n> {warning}\n"));
            }
        }
        if !self.notes.is_empty() {
            out.push_str("\n## Good to know\n\n");
            list(&mut out, &self.notes);
        }
        if let Some(docs) = &self.docs {
            out.push_str(&format!("\nMore at {}: <{docs}>\n", self.display_name));
        }
        out
    }
}

fn list(out: &mut String, items: &[String]) {
    for item in items {
        out.push_str(&format!("- {item}\n"));
    }
}
