//! Google Calendar: a hash of the address, by which its notifications find the connection.

use crate::routines::language::{Ask, Step, Table, Take};

use super::google_mail::hashed;

pub(super) const TABLE: Table = Table(&[Step::ask(
    // The id of the primary calendar is the address of its owner.
    Ask::get("/calendar/v3/calendars/primary").at("https://www.googleapis.com"),
    &[Take::answer("emailAddressHash", "id").shaped(hashed)],
)]);
