//! What route tests are made of: a server in memory with its own database, a clock that stands, seeded randomness.
//!
//! ```text
//! let app = TestApp::new().await;
//! let answer = app.get("/integrations").bearer(&app.key).send().await;
//! assert_eq!(answer.status, 200);
//! insta::assert_json_snapshot!(answer.json(), @r#"{"data": []}"#);
//! ```

mod answer;
mod app;
mod request;
mod service;

pub(crate) use answer::Answer;
pub(crate) use app::TestApp;
pub(crate) use request::RequestBuilder;
pub(crate) use service::Service;
