//! Numbers, and numbers that queries send as text.

use serde_json::Value;

use super::issue::Cx;
use super::schema::Schema;

/// A whole number; see [`integer`].
#[derive(Clone, Debug)]
pub struct Integer {
    coerce: bool,
    bounds: Vec<Bound>,
}

/// Any number; see [`number`].
#[derive(Clone, Debug)]
pub struct Number {
    coerce: bool,
    bounds: Vec<Bound>,
}

#[derive(Clone, Copy, Debug)]
enum Bound {
    Min(f64),
    Max(f64),
    Above(f64),
}

/// A whole number.
pub fn integer() -> Integer {
    Integer { coerce: false, bounds: Vec::new() }
}

/// Any finite number.
pub fn number() -> Number {
    Number { coerce: false, bounds: Vec::new() }
}

impl Integer {
    /// Also accepts numeric text (and `""`, which is 0).
    pub fn coerce(mut self) -> Self {
        self.coerce = true;
        self
    }

    /// At least `least`.
    pub fn min(mut self, least: i32) -> Self {
        self.bounds.push(Bound::Min(least.into()));
        self
    }

    /// At most `most`.
    pub fn max(mut self, most: i32) -> Self {
        self.bounds.push(Bound::Max(most.into()));
        self
    }

    /// Greater than zero.
    pub fn positive(mut self) -> Self {
        self.bounds.push(Bound::Above(0.0));
        self
    }
}

impl Number {
    /// Also accepts numeric text (and `""`, which is 0).
    pub fn coerce(mut self) -> Self {
        self.coerce = true;
        self
    }

    /// At least `least`.
    pub fn min(mut self, least: i32) -> Self {
        self.bounds.push(Bound::Min(least.into()));
        self
    }

    /// At most `most`.
    pub fn max(mut self, most: i32) -> Self {
        self.bounds.push(Bound::Max(most.into()));
        self
    }
}

impl Bound {
    fn apply(self, number: f64, cx: &mut Cx) {
        match self {
            Self::Min(least) if number < least => {
                cx.issue("too_small", format!("Too small: expected number to be >={least}"));
            }
            Self::Max(most) if number > most => {
                cx.issue("too_big", format!("Too big: expected number to be <={most}"));
            }
            Self::Above(floor) if number <= floor => {
                cx.issue("too_small", format!("Too small: expected number to be >{floor}"));
            }
            _ => {}
        }
    }
}

/// Reads a finite number, reporting what else was found.
fn read_number(value: Option<&Value>, coerce: bool, cx: &mut Cx) -> Option<f64> {
    let coerced = match value {
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) if coerce => from_text(text),
        Some(Value::Bool(flag)) if coerce => Some(f64::from(u8::from(*flag))),
        value if coerce => {
            // The reference turns `null` into 0 here; a null is a missing number.
            let found = if value.is_none() { "NaN" } else { super::issue::kind(value) };
            cx.fatal("invalid_type", format!("Invalid input: expected number, received {found}"));
            return None;
        }
        value => {
            cx.wrong_type("number", value);
            return None;
        }
    };
    let finite = coerced.filter(|number| number.is_finite());
    if finite.is_none() {
        cx.fatal("invalid_type", "Invalid input: expected number, received NaN");
    }
    finite
}

/// Text to number as clients' own runtime does it for decimal numbers; blank text is 0.
fn from_text(text: &str) -> Option<f64> {
    let text = text.trim();
    if text.is_empty() {
        return Some(0.0);
    }
    // Rust also reads "inf" and "nan"; those are no numbers here.
    text.chars().all(|c| c.is_ascii_digit() || "+-.eE".contains(c)).then(|| text.parse().ok()).flatten()
}

impl Schema for Number {
    type Out = f64;

    fn read(&self, value: Option<&Value>, cx: &mut Cx) -> Option<f64> {
        let number = read_number(value, self.coerce, cx)?;
        for bound in &self.bounds {
            bound.apply(number, cx);
        }
        Some(number)
    }
}

/// Largest whole number that JSON clients can hold exactly (2^53 - 1).
const MAX_SAFE: f64 = 9_007_199_254_740_991.0;

impl Schema for Integer {
    type Out = i64;

    fn read(&self, value: Option<&Value>, cx: &mut Cx) -> Option<i64> {
        let number = read_number(value, self.coerce, cx)?;
        if number.fract() != 0.0 {
            cx.fatal("invalid_type", "Invalid input: expected int, received number");
            return None;
        }
        if number.abs() > MAX_SAFE {
            let (code, word, sign) =
                if number > 0.0 { ("too_big", "big", "<") } else { ("too_small", "small", ">") };
            cx.fatal(code, format!("Too {word}: expected int to be {sign}{}", MAX_SAFE.copysign(number)));
            return None;
        }
        for bound in &self.bounds {
            bound.apply(number, cx);
        }
        Some(number as i64)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(value: Value) -> String {
        match integer().coerce().min(1).max(2000).check(Some(&value)) {
            Ok(number) => number.to_string(),
            Err(issues) => issues[0].message.clone(),
        }
    }

    #[test]
    fn text_is_coerced_and_bounds_are_told() {
        assert_eq!(message(json!("12")), "12");
        assert_eq!(message(json!("")), "Too small: expected number to be >=1");
        assert_eq!(message(json!("2001")), "Too big: expected number to be <=2000");
        assert_eq!(message(json!("1.5")), "Invalid input: expected int, received number");
        assert_eq!(message(json!("many")), "Invalid input: expected number, received NaN");
        assert_eq!(message(json!("Infinity")), "Invalid input: expected number, received NaN");
        assert_eq!(message(json!(null)), "Invalid input: expected number, received null");
        assert_eq!(message(json!(1e300)), "Too big: expected int to be <9007199254740991");
    }

    #[test]
    fn without_coercion_text_is_no_number() {
        let issues = integer().check(Some(&json!("1"))).unwrap_err();
        assert_eq!(issues[0].message, "Invalid input: expected number, received string");
    }

    #[test]
    fn zero_is_not_positive() {
        let issues = integer().positive().check(Some(&json!(0))).unwrap_err();
        assert_eq!(issues[0].message, "Too small: expected number to be >0");
    }
}
