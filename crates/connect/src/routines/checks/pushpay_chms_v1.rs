//! Pushpay ChMS (Church Community Builder): XML; a refusal is an `<error>` in a 200.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::check::{Check, Judged, Refusal, success};
use crate::ask::Heard;
use crate::routines::language::Ask;

pub(super) const CHECK: Check = Check { ask: Ask::get("/api.php?srv=api_status"), judge };

fn judge(heard: &Heard) -> Judged {
    let accepted = success(heard)?;
    match error(&heard.text()) {
        Some(sentence) => Err(Refusal::denied(heard, Some(&sentence))),
        None => Ok(accepted),
    }
}

/// The text of the first `<error>` element; empty when it has none.
fn error(document: &str) -> Option<String> {
    let mut reader = Reader::from_str(document);
    let mut sentence: Option<String> = None;
    loop {
        match reader.read_event() {
            Ok(Event::Start(element)) if element.local_name().as_ref() == "error" => {
                sentence = Some(String::new());
            }
            Ok(Event::Empty(element)) if element.local_name().as_ref() == "error" => {
                return Some(String::new());
            }
            Ok(Event::Text(text)) => {
                if let Some(sentence) = &mut sentence {
                    sentence.push_str(&text);
                }
            }
            Ok(Event::End(element)) if element.local_name().as_ref() == "error" => return sentence,
            Ok(Event::Eof) | Err(_) => return sentence,
            Ok(_) => {}
        }
    }
}
