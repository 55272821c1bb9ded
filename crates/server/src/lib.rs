//! The HTTP server: API, Connect page, dashboard, guides.
