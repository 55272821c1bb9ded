//! End-user guides: "How do I link my account?" (guides.md).

mod assemble;
mod inline;
mod markdown;
mod text;

pub use assemble::{ENTER_VALUES, FieldRef, Guide, GuideSource, GuideStep};
pub use inline::{escape_html, inline_html};
pub use markdown::MarkdownContext;
pub use text::{GuideText, StepText};
