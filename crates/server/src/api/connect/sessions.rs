//! `POST /connect/sessions`.

pub(crate) mod input;
