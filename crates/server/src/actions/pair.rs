//! Pairing a device without a browser with the browser of another device (RFC 8628; connect.md 13).

use dovetail_model::{
    ConnectSession, Level, MessageContext, Secret, Timestamp, new_pairing_code, show_pairing_code,
};
use dovetail_store::pairings::Pairing;
use dovetail_store::{StoreError, connect_sessions, pairings};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::limits::{PAIRING_INTERVAL, PAIRING_LIFETIME};
use crate::popup::Outcome;
use crate::state::AppState;

/// What the device shows, and how it waits: the names of RFC 8628, section 3.2.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    user_code: String,
    verification_uri: String,
    verification_uri_complete: String,
    expires_in: u64,
    interval: u64,
}

/// Makes a code for a session.
pub(crate) async fn begin(
    app: &AppState,
    session: &ConnectSession,
    client_name: Option<&str>,
) -> Result<Shown, StoreError> {
    let code = new_pairing_code(&*app.random);
    let mut tx = app.store.begin().await?;
    let pairing = pairings::begin(&mut tx, session, &code, client_name, PAIRING_LIFETIME).await?;
    tx.commit().await?;
    note(app, session, "A code was made for a device without a browser");
    let user_code = show_pairing_code(&code);
    let verification_uri = app.config.absolute("/connect/pair");
    Ok(Shown {
        verification_uri_complete: format!("{verification_uri}?code={user_code}"),
        verification_uri,
        user_code,
        expires_in: pairing.expires_at.since(pairing.created_at).as_secs(),
        interval: PAIRING_INTERVAL.as_secs(),
    })
}

/// A code that somebody brought, with the session whose device shows it.
#[derive(Debug)]
pub(crate) struct Brought {
    pub(crate) pairing: Pairing,
    pub(crate) session: ConnectSession,
}

/// Looks a code up. Used, refused and expired ones are not found, and neither are those of sessions that ended.
pub(crate) async fn look_up(app: &AppState, code: &Secret) -> Result<Option<Brought>, StoreError> {
    let mut db = app.store.read().await?;
    let Some(pairing) = pairings::by_code(&mut db, code).await? else { return Ok(None) };
    let session = connect_sessions::by_id(&mut db, pairing.environment, pairing.session).await?;
    let session = session.filter(|session| session.expires_at > app.now());
    Ok(session.map(|session| Brought { pairing, session }))
}

/// Opens a session for the browser that brought the code: its token. `None` when another browser was first.
pub(crate) async fn confirm(app: &AppState, brought: &Brought) -> Result<Option<Secret>, StoreError> {
    let mut tx = app.store.begin().await?;
    let visitor = connect_sessions::create_beside(&mut tx, &brought.session).await?;
    if !pairings::confirm(&mut tx, &brought.pairing, visitor.session.id).await? {
        tx.rollback().await?;
        return Ok(None);
    }
    tx.commit().await?;
    note(app, &brought.session, "The code was confirmed in a browser");
    Ok(Some(visitor.token))
}

/// Ends a code that whoever read it had not asked for.
pub(crate) async fn refuse(app: &AppState, brought: &Brought) -> Result<(), StoreError> {
    let mut tx = app.store.begin().await?;
    let refused = pairings::refuse(&mut tx, &brought.pairing).await?;
    tx.commit().await?;
    if refused {
        note(app, &brought.session, "Somebody read the code who had not asked for it, and ended it");
    }
    Ok(())
}

fn note(app: &AppState, session: &ConnectSession, sentence: &str) {
    if let Some(operation) = &session.operation {
        app.activity.note(operation, Level::Info, MessageContext::Auth, sentence, Map::new());
    }
}

/// How a pairing stands for the device that waits.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nobody has brought the code.
    Pending,
    /// A browser has; nothing is linked yet.
    Confirmed,
    /// It is over.
    Ended(Outcome),
}

impl Standing {
    /// How `pairing` stands at `now`.
    pub(crate) fn of(pairing: &Pairing, now: Timestamp) -> Self {
        let Pairing { visitor, refused_at, outcome, expires_at, .. } = pairing;
        match (outcome, refused_at, visitor) {
            (Some(outcome), ..) => Self::Ended(Outcome::from_stored(outcome)),
            (None, Some(_), _) => Self::Ended(Outcome::refused(
                "access_denied",
                "Whoever read the code had not asked for it. Nothing is linked.",
            )),
            (None, None, Some(_)) => Self::Confirmed,
            (None, None, None) if *expires_at <= now => Self::Ended(Outcome::refused(
                "expired_token",
                "Nobody brought the code in time. Make a new one.",
            )),
            (None, None, None) => Self::Pending,
        }
    }

    /// As it is answered.
    pub(crate) fn answer(&self) -> Value {
        match self {
            Self::Pending => json!({ "status": "pending" }),
            Self::Confirmed => json!({ "status": "confirmed" }),
            Self::Ended(outcome) => outcome.answer(),
        }
    }
}
