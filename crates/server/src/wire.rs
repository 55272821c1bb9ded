//! Shapes that every JSON route shares: error codes, the error envelope, answers.

mod answer;
mod code;
mod error;

pub(crate) use answer::json_text;
pub use answer::{Answer, no_content, ok};
pub use code::{Envelope, ErrorCode, Row};
pub use error::{ApiError, ApiResult};
pub(crate) use error::{Internal, JSON_CONTENT_TYPE, internal_body};
