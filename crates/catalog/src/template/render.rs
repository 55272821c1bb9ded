//! Tree and context to text.

use super::{
    ast::{Body, Expr, Hole, Part, Template},
    context::{Context, Mode},
    functions, moment,
};

/// What evaluation came to.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The text; placeholders that did not resolve stand in it as they were written.
    pub text: String,
    /// Sources (`${…}`) of the placeholders that did not resolve, outermost, in order.
    pub missing: Vec<String>,
}

impl Rendered {
    /// The text, if every placeholder resolved.
    pub fn complete(self) -> Option<String> {
        self.missing.is_empty().then_some(self.text)
    }
}

impl std::fmt::Debug for Rendered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rendered").field("text", &"…").field("missing", &self.missing).finish()
    }
}

impl Template {
    /// Evaluates in `mode` with the names of `context`.
    pub fn render(&self, mode: Mode, context: &Context<'_>) -> Rendered {
        body(&self.body, mode, context)
    }
}

pub(super) fn body(body: &Body, mode: Mode, context: &Context<'_>) -> Rendered {
    let Some([left, right]) = body.alternatives(mode) else {
        return parts(&body.whole, mode, context).0;
    };
    let (taken, resolved) = parts(left, mode, context);
    if resolved > 0 && !taken.text.is_empty() { taken } else { parts(right, mode, context).0 }
}

/// The text of `parts`, and how many of their placeholders resolved.
fn parts(parts: &[Part], mode: Mode, context: &Context<'_>) -> (Rendered, usize) {
    let mut out = Rendered { text: String::new(), missing: Vec::new() };
    let mut resolved = 0;
    for part in parts {
        match part {
            Part::Text(text) => out.text.push_str(text),
            Part::Hole(inside) => match hole(inside, mode, context) {
                Some(text) => {
                    resolved += 1;
                    out.text.push_str(&text);
                }
                None => {
                    out.text.push_str(&inside.source);
                    out.missing.push(inside.source.to_string());
                }
            },
        }
    }
    (out, resolved)
}

/// The value of one placeholder. A function with an unresolved argument is itself unresolved.
pub(super) fn hole(hole: &Hole, mode: Mode, context: &Context<'_>) -> Option<String> {
    let argument = |inner: &Body| body(inner, mode, context).complete();
    match &hole.expr {
        Expr::Name(name) => context.lookup(name, mode).map(|text| text.into_owned()),
        Expr::Now { offset, format } => {
            let now = context.moment()?.now_ms;
            let at = offset.map_or(Some(now), |offset| moment::shifted(now, offset))?;
            Some(format.as_deref().map_or_else(|| moment::iso(at), |format| moment::format_utc(at, format)))
        }
        Expr::Random => Some(context.moment()?.random.clone()),
        Expr::Base64(inner) => Some(functions::base64(&argument(inner)?)),
        Expr::Sha256Hex(inner) => Some(functions::sha256_hex(&argument(inner)?)),
        Expr::Sha256Base64(inner) => Some(functions::sha256_base64(&argument(inner)?)),
        Expr::Fingerprint(inner) if mode == Mode::Flat => functions::fingerprint(&argument(inner)?),
        Expr::HmacSha1Hex { message, key } => {
            Some(functions::hmac_sha1_hex(&argument(message)?, argument(key)?.trim()))
        }
        Expr::Ed25519Sign { message, key } => {
            functions::ed25519_sign(&argument(message)?, argument(key)?.trim())
        }
        Expr::AwsSigV4(inner) => {
            let arguments = inner.iter().map(argument).collect::<Option<Vec<_>>>()?;
            functions::aws_sigv4(&arguments, mode, context)
        }
        Expr::Fingerprint(_) | Expr::Never => None,
    }
}
