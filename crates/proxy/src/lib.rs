//! Forwards one call with one connection's credentials.
