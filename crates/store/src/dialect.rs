//! The few differences between the two databases. Everything else is one statement for both.

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// How a writing transaction begins: SQLite takes the write lock at once, so that it never has to give up
    /// half way.
    pub(crate) const fn begin(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN",
        }
    }

    /// The next id of a table. Known before the row exists, because it is part of what sealed values are
    /// bound to.
    pub(crate) const fn next_id(self) -> &'static str {
        match self {
            Self::Sqlite => "UPDATE id_sequences SET last = last + 1 WHERE name = $1 RETURNING last AS id",
            Self::Postgres => "SELECT nextval(('ids_' || $1)::regclass) AS id",
        }
    }

    /// Appended to a `SELECT` of queue rows: other workers pass over rows that one has in hand. SQLite needs
    /// nothing, there is only one writer.
    pub(crate) const fn skip_locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE SKIP LOCKED",
        }
    }

    /// Writes a migration for this database.
    pub(crate) fn migration(self, text: &str) -> String {
        let mut sql = String::with_capacity(text.len() + 512);
        if self == Self::Sqlite && text.contains("{sequence:") {
            sql.push_str(
                "CREATE TABLE IF NOT EXISTS id_sequences (name TEXT PRIMARY KEY, last INTEGER NOT NULL);\n",
            );
        }
        for line in text.lines() {
            match line.strip_prefix("{sequence:").and_then(|rest| rest.strip_suffix('}')) {
                Some(table) if self == Self::Sqlite => {
                    sql.push_str(&format!("INSERT INTO id_sequences (name, last) VALUES ('{table}', 0);"));
                }
                Some(table) => sql.push_str(&format!("CREATE SEQUENCE ids_{table};")),
                None if line.starts_with("--") => {}
                None => sql.push_str(line),
            }
            sql.push('\n');
        }
        let (id, blob) = match self {
            Self::Sqlite => ("INTEGER PRIMARY KEY", "BLOB"),
            Self::Postgres => ("BIGINT PRIMARY KEY", "BYTEA"),
        };
        sql.replace("{id}", id).replace("{blob}", blob)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_for_each_database() {
        let text = "-- note\n{sequence:a}\nCREATE TABLE a (id {id}, b {blob});";
        assert_eq!(
            Dialect::Postgres.migration(text),
            "\nCREATE SEQUENCE ids_a;\nCREATE TABLE a (id BIGINT PRIMARY KEY, b BYTEA);\n"
        );
        assert!(Dialect::Sqlite.migration(text).contains("CREATE TABLE a (id INTEGER PRIMARY KEY, b BLOB);"));
    }
}
