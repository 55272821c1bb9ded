//! People who sign in to the dashboard.

use dovetail_model::{Role, Timestamp, UserId};
use sqlx::any::AnyRow;

use crate::row::Columns;
use crate::{Change, Db, StoreError, Tx};

const TABLE: &str = "users";

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, email, name, password_hash, role, created_at FROM users ", $rest)
    };
}

/// An account of the dashboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Row id.
    pub id: UserId,
    /// E-mail address in lower case: the name to sign in with.
    pub email: String,
    /// Name to show.
    pub name: String,
    /// Argon2id in PHC form.
    pub password_hash: String,
    /// What the person may do.
    pub role: Role,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Makes an account. `None` when the e-mail address has one.
pub async fn create(
    tx: &mut Tx,
    email: &str,
    name: &str,
    password_hash: &str,
    role: Role,
) -> Result<Option<User>, StoreError> {
    let id = tx.next_id(TABLE).await?;
    let created_at = tx.now();
    let email = email.to_lowercase();
    let done = sqlx::query(
        "INSERT INTO users (id, email, name, password_hash, role, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT DO NOTHING",
    )
    .bind(id)
    .bind(email.as_str())
    .bind(name)
    .bind(password_hash)
    .bind(role.as_str())
    .bind(created_at.0)
    .execute(tx.conn())
    .await?;
    tx.changed(Change::Users);
    let (name, password_hash) = (name.to_owned(), password_hash.to_owned());
    let user = User { id: UserId(id), email, name, password_hash, role, created_at };
    Ok((done.rows_affected() == 1).then_some(user))
}

/// Whether anybody has an account: without, the owner's is to be set up.
pub async fn exist(db: &mut impl Db) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT COUNT(*) AS n FROM users").fetch_one(db.conn()).await?;
    Ok(row.int("n")? > 0)
}

/// All accounts, oldest first.
pub async fn list(db: &mut impl Db) -> Result<Vec<User>, StoreError> {
    let rows = sqlx::query(select!("ORDER BY id")).fetch_all(db.conn()).await?;
    rows.iter().map(read).collect()
}

/// An account by e-mail address, in any case.
pub async fn by_email(db: &mut impl Db, email: &str) -> Result<Option<User>, StoreError> {
    let query = sqlx::query(select!("WHERE email = $1")).bind(email.to_lowercase());
    query.fetch_optional(db.conn()).await?.as_ref().map(read).transpose()
}

/// An account by row id.
pub async fn get(db: &mut impl Db, id: UserId) -> Result<Option<User>, StoreError> {
    let query = sqlx::query(select!("WHERE id = $1")).bind(id.0);
    query.fetch_optional(db.conn()).await?.as_ref().map(read).transpose()
}

/// Replaces the password, and ends every session of the account.
pub async fn set_password(tx: &mut Tx, id: UserId, password_hash: &str) -> Result<bool, StoreError> {
    let done = sqlx::query("UPDATE users SET password_hash = $1, updated_at = $2 WHERE id = $3")
        .bind(password_hash)
        .bind(tx.now().0)
        .bind(id.0)
        .execute(tx.conn())
        .await?;
    sqlx::query("DELETE FROM user_sessions WHERE user_id = $1").bind(id.0).execute(tx.conn()).await?;
    tx.changed(Change::Users);
    Ok(done.rows_affected() == 1)
}

/// Gives an account another role. False when there is no such account.
pub async fn set_role(tx: &mut Tx, id: UserId, role: Role) -> Result<bool, StoreError> {
    let done = sqlx::query("UPDATE users SET role = $1, updated_at = $2 WHERE id = $3")
        .bind(role.as_str())
        .bind(tx.now().0)
        .bind(id.0)
        .execute(tx.conn())
        .await?;
    tx.changed(Change::Users);
    Ok(done.rows_affected() == 1)
}

/// Removes an account and ends its sessions. False when there is no such account.
pub async fn delete(tx: &mut Tx, id: UserId) -> Result<bool, StoreError> {
    sqlx::query("DELETE FROM user_sessions WHERE user_id = $1").bind(id.0).execute(tx.conn()).await?;
    let done = sqlx::query("DELETE FROM users WHERE id = $1").bind(id.0).execute(tx.conn()).await?;
    tx.changed(Change::Users);
    Ok(done.rows_affected() == 1)
}

pub(crate) fn read(row: &AnyRow) -> Result<User, StoreError> {
    let id = row.int("id")?;
    let role = row.text("role")?;
    Ok(User {
        id: UserId(id),
        email: row.text("email")?,
        name: row.text("name")?,
        password_hash: row.text("password_hash")?,
        role: Role::parse(&role)
            .ok_or_else(|| StoreError::inconsistent(TABLE, id, format!("role `{role}`")))?,
        created_at: row.time("created_at")?,
    })
}
