//! Rippling: its shop shows an app as installed once the app has said so.

use crate::routines::language::{Ask, Content, Step, Table};

pub(super) const TABLE: Table =
    Table(&[Step::ask(Ask::send("POST", "/platform/api/mark_app_installed", Content::None), &[])]);
