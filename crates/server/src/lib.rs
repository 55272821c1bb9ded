//! The HTTP server: API, Connect page, dashboard, guides.

pub mod assets;
