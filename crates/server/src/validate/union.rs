//! Values of one of several shapes.

use serde_json::Value;

use super::issue::Cx;
use super::schema::Schema;

/// Either of two shapes; see [`union`].
#[derive(Clone, Debug)]
pub struct Union<A, B>(A, B);

/// `first`, or else `second`; both yield the same type. Without a match the issue is `invalid_union`.
pub fn union<A: Schema, B: Schema<Out = A::Out>>(first: A, second: B) -> Union<A, B> {
    Union(first, second)
}

impl<A: Schema, B: Schema<Out = A::Out>> Schema for Union<A, B> {
    type Out = A::Out;

    fn read(&self, value: Option<&Value>, cx: &mut Cx) -> Option<A::Out> {
        let mark = cx.mark();
        if let Some(out) = self.0.read(value, cx)
            && !cx.any_since(mark)
        {
            return Some(out);
        }
        cx.rewind(mark);
        if let Some(out) = self.1.read(value, cx)
            && !cx.any_since(mark)
        {
            return Some(out);
        }
        cx.rewind(mark);
        cx.fatal("invalid_union", "Invalid input");
        None
    }
}

/// An object whose shape is named by one of its fields; see [`tagged`].
pub struct Tagged<T> {
    tag: &'static str,
    message: &'static str,
    variants: Vec<Variant<T>>,
}

/// One shape of a [`tagged`] object.
pub struct Variant<T> {
    name: &'static str,
    schema: Box<dyn Schema<Out = T> + Send + Sync>,
}

/// The shape used when the tag is `name`. `schema` reads the whole object, the tag included.
pub fn variant<T>(name: &'static str, schema: impl Schema<Out = T> + Send + Sync + 'static) -> Variant<T> {
    Variant { name, schema: Box::new(schema) }
}

/// An object whose field `tag` names its shape. `message` is reported at the tag when it names none of `variants`.
pub fn tagged<T>(tag: &'static str, message: &'static str, variants: Vec<Variant<T>>) -> Tagged<T> {
    Tagged { tag, message, variants }
}

impl<T> std::fmt::Debug for Tagged<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.variants.iter().map(|variant| variant.name).collect();
        f.debug_struct("Tagged").field("tag", &self.tag).field("variants", &names).finish_non_exhaustive()
    }
}

impl<T> std::fmt::Debug for Variant<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Variant").field(&self.name).finish()
    }
}

impl<T> Schema for Tagged<T> {
    type Out = T;

    fn read(&self, value: Option<&Value>, cx: &mut Cx) -> Option<T> {
        let Some(Value::Object(members)) = value else {
            cx.wrong_type("object", value);
            return None;
        };
        let name = members.get(self.tag).and_then(Value::as_str);
        let Some(variant) = self.variants.iter().find(|variant| Some(variant.name) == name) else {
            cx.fatal_at(&[self.tag], "invalid_union", self.message);
            return None;
        };
        variant.schema.read(value, cx)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::validate::{array, field, literal, object, string};

    #[test]
    fn a_union_without_a_match_is_one_issue() {
        let schema = union(string().map(|one| vec![one]), array(string()));
        assert_eq!(schema.check(Some(&json!("a"))), Ok(vec!["a".to_owned()]));
        let issues = schema.check(Some(&json!(1))).unwrap_err();
        assert_eq!(json!(issues), json!([{"code": "invalid_union", "message": "Invalid input", "path": []}]));
    }

    #[test]
    fn an_unknown_tag_is_reported_at_the_tag() {
        let shape = object((field("type", literal("A")), field("x", string()))).map(|((), x)| x);
        let schema = tagged("type", "invalid credentials object", vec![variant("A", shape)]);
        assert_eq!(schema.check(Some(&json!({"type": "A", "x": "1"}))), Ok("1".to_owned()));
        let issues = schema.check(Some(&json!({"type": "B"}))).unwrap_err();
        assert_eq!(issues[0].path, ["type"]);
        assert_eq!(issues[0].message, "invalid credentials object");
    }
}
