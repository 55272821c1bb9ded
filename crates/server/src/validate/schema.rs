//! What a schema is, and the parts that wrap any schema.

use serde_json::Value;

use super::issue::{Cx, Issue};

/// Reads a value of one shape, reporting everything wrong with it.
pub trait Schema {
    /// What a good value becomes.
    type Out;

    /// Reads `value` (`None` is `undefined`). Yields `None` exactly when it reported an issue that leaves no value;
    /// a yielded value may be discarded by the caller when issues were reported.
    fn read(&self, value: Option<&Value>, cx: &mut Cx) -> Option<Self::Out>;

    /// Whether an absent value is fine; objects do not report such fields as missing.
    fn accepts_absence(&self) -> bool {
        false
    }

    /// Reads `value`, all issues together.
    fn check(&self, value: Option<&Value>) -> Result<Self::Out, Vec<Issue>> {
        let mut cx = Cx::default();
        let out = self.read(value, &mut cx);
        let issues = cx.into_issues();
        match out {
            Some(out) if issues.is_empty() => Ok(out),
            _ => Err(issues),
        }
    }

    /// Absent becomes `None`.
    fn optional(self) -> Optional<Self>
    where
        Self: Sized,
    {
        Optional(self)
    }

    /// JSON `null` becomes `None`.
    fn nullable(self) -> Nullable<Self>
    where
        Self: Sized,
    {
        Nullable(self)
    }

    /// Turns a good value into another type.
    fn map<T, F: Fn(Self::Out) -> T>(self, turn: F) -> Map<Self, F>
    where
        Self: Sized,
    {
        Map { inner: self, turn }
    }

    /// Adds a rule over the whole value. It runs when the value has its type, even if parts of it broke other rules.
    fn refine<F: Fn(&Self::Out, &mut Cx)>(self, rule: F) -> Refine<Self, F>
    where
        Self: Sized,
    {
        Refine { inner: self, rule }
    }
}

/// Any value, also an absent one.
#[derive(Clone, Copy, Debug)]
pub struct Any;

/// Accepts anything, also absence.
pub fn any() -> Any {
    Any
}

impl Schema for Any {
    type Out = Option<Value>;

    fn read(&self, value: Option<&Value>, _: &mut Cx) -> Option<Self::Out> {
        Some(value.cloned())
    }

    fn accepts_absence(&self) -> bool {
        true
    }
}

/// See [`Schema::optional`].
#[derive(Clone, Debug)]
pub struct Optional<S>(S);

impl<S: Schema> Schema for Optional<S> {
    type Out = Option<S::Out>;

    fn read(&self, value: Option<&Value>, cx: &mut Cx) -> Option<Self::Out> {
        match value {
            None => Some(None),
            value => self.0.read(value, cx).map(Some),
        }
    }

    fn accepts_absence(&self) -> bool {
        true
    }
}

/// See [`Schema::nullable`].
#[derive(Clone, Debug)]
pub struct Nullable<S>(S);

impl<S: Schema> Schema for Nullable<S> {
    type Out = Option<S::Out>;

    fn read(&self, value: Option<&Value>, cx: &mut Cx) -> Option<Self::Out> {
        match value {
            Some(Value::Null) => Some(None),
            value => self.0.read(value, cx).map(Some),
        }
    }
}

/// See [`Schema::map`].
#[derive(Clone, Debug)]
pub struct Map<S, F> {
    inner: S,
    turn: F,
}

impl<S: Schema, T, F: Fn(S::Out) -> T> Schema for Map<S, F> {
    type Out = T;

    fn read(&self, value: Option<&Value>, cx: &mut Cx) -> Option<T> {
        self.inner.read(value, cx).map(&self.turn)
    }

    fn accepts_absence(&self) -> bool {
        self.inner.accepts_absence()
    }
}

/// See [`Schema::refine`].
#[derive(Clone, Debug)]
pub struct Refine<S, F> {
    inner: S,
    rule: F,
}

impl<S: Schema, F: Fn(&S::Out, &mut Cx)> Schema for Refine<S, F> {
    type Out = S::Out;

    fn read(&self, value: Option<&Value>, cx: &mut Cx) -> Option<S::Out> {
        let mark = cx.mark();
        let out = self.inner.read(value, cx)?;
        if !cx.fatal_since(mark) {
            (self.rule)(&out, cx);
        }
        Some(out)
    }

    fn accepts_absence(&self) -> bool {
        self.inner.accepts_absence()
    }
}

impl<S: Schema + ?Sized> Schema for &S {
    type Out = S::Out;

    fn read(&self, value: Option<&Value>, cx: &mut Cx) -> Option<S::Out> {
        (**self).read(value, cx)
    }

    fn accepts_absence(&self) -> bool {
        (**self).accepts_absence()
    }
}
