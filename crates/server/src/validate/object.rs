//! Objects with named fields.

use serde_json::Value;

use super::issue::Cx;
use super::schema::Schema;

/// One named field of an object; see [`field`].
#[derive(Clone, Debug)]
pub struct Field<S> {
    name: &'static str,
    schema: S,
}

/// A field called `name`.
pub fn field<S: Schema>(name: &'static str, schema: S) -> Field<S> {
    Field { name, schema }
}

/// A tuple of fields: what an object is made of. Yields the tuple of their values.
pub trait Fields {
    /// The tuple of values.
    type Out;

    /// Reads every field in order.
    fn read_fields(&self, members: &serde_json::Map<String, Value>, cx: &mut Cx) -> Option<Self::Out>;

    /// Whether a field of this name exists.
    fn knows(&self, name: &str) -> bool;
}

/// An object; see [`object`].
#[derive(Clone, Debug)]
pub struct Object<F> {
    fields: F,
    loose: bool,
}

/// An object with exactly these fields (up to sixteen); others are reported as unrecognised.
pub fn object<F: Fields>(fields: F) -> Object<F> {
    Object { fields, loose: false }
}

impl<F> Object<F> {
    /// Ignores unknown keys instead of reporting them.
    pub fn loose(mut self) -> Self {
        self.loose = true;
        self
    }
}

impl<F: Fields> Schema for Object<F> {
    type Out = F::Out;

    fn read(&self, value: Option<&Value>, cx: &mut Cx) -> Option<F::Out> {
        let Some(Value::Object(members)) = value else {
            cx.wrong_type("object", value);
            return None;
        };
        let out = self.fields.read_fields(members, cx);
        if !self.loose {
            report_unknown(members, &self.fields, cx);
        }
        out
    }
}

fn report_unknown<F: Fields>(members: &serde_json::Map<String, Value>, fields: &F, cx: &mut Cx) {
    let unknown: Vec<String> =
        members.keys().filter(|name| !fields.knows(name)).map(|name| format!("\"{name}\"")).collect();
    if !unknown.is_empty() {
        let noun = if unknown.len() == 1 { "key" } else { "keys" };
        cx.fatal("unrecognized_keys", format!("Unrecognized {noun}: {}", unknown.join(", ")));
    }
}

impl<S: Schema> Field<S> {
    fn read(&self, members: &serde_json::Map<String, Value>, cx: &mut Cx) -> Option<S::Out> {
        cx.at(self.name, |cx| self.schema.read(members.get(self.name), cx))
    }
}

impl Fields for () {
    type Out = ();

    fn read_fields(&self, _: &serde_json::Map<String, Value>, _: &mut Cx) -> Option<()> {
        Some(())
    }

    fn knows(&self, _: &str) -> bool {
        false
    }
}

macro_rules! tuples {
    ($( ($($schema:ident $index:tt),+) )*) => { $(
        impl<$($schema: Schema),+> Fields for ($(Field<$schema>,)+) {
            type Out = ($($schema::Out,)+);

            fn read_fields(&self, members: &serde_json::Map<String, Value>, cx: &mut Cx) -> Option<Self::Out> {
                // Every field is read before any absence is looked at: all issues are reported together.
                let read = ($(self.$index.read(members, cx),)+);
                Some(($(read.$index?,)+))
            }

            fn knows(&self, name: &str) -> bool {
                $(self.$index.name == name)||+
            }
        }
    )* };
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14, P 15)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::validate::string;

    #[test]
    fn issues_come_in_field_order_and_unknown_keys_last() {
        let schema = object((field("a", string()), field("b", string().min(1))));
        let issues = schema.check(Some(&json!({"z": 1, "b": "", "y": 2}))).unwrap_err();
        assert_eq!(
            json!(issues),
            json!([
                {"code": "invalid_type", "message": "Invalid input: expected string, received undefined", "path": ["a"]},
                {"code": "too_small", "message": "Too small: expected string to have >=1 characters", "path": ["b"]},
                {"code": "unrecognized_keys", "message": "Unrecognized keys: \"z\", \"y\"", "path": []},
            ])
        );
    }

    #[test]
    fn a_missing_object_is_named() {
        let issues = object(()).check(None).unwrap_err();
        assert_eq!(issues[0].message, "Invalid input: expected object, received undefined");
        assert!(issues[0].path.is_empty());
    }

    #[test]
    fn rules_over_the_object_run_after_broken_parts_but_not_after_wrong_types() {
        let schema = object((field("a", string().min(2)),)).refine(|_, cx| cx.custom("pair", &["a"]));
        assert_eq!(schema.check(Some(&json!({"a": "x"}))).unwrap_err().len(), 2);
        assert_eq!(schema.check(Some(&json!({"a": 1}))).unwrap_err().len(), 1);
        assert_eq!(schema.check(Some(&json!({"a": "xx", "b": 1}))).unwrap_err().len(), 1);
    }
}
