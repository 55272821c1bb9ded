//! SQL: one module an entity, on SQLite and PostgreSQL.
