// Whether a value fits its field, by the same rules as the server. Pure.

const FORMATS = {
  hostname: (value) => /^[a-zA-Z0-9.-]+$/.test(value),
  uuid: (value) => /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(value),
  uri: (value) => /^https?:\/\/[^\s/?#]+/i.test(value) && URL.canParse(value),
  email: (value) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value),
};

/** Longest credential value that the server reads (http-api 2.10), in characters. */
export const MAX_VALUE = { apiKey: 1024, username: 1024, password: 1024 };

/**
 * @returns null when the value fits, else `{key, values}`: a text of the catalogue and what goes
 * into it. Hidden fields are never judged, preset ones are.
 */
export function validate(field, value) {
  if (field.hidden) return null;
  if (value === "") return field.required ? { key: "error.required", values: { label: field.label } } : null;
  const longest = field.group === "credentials" ? MAX_VALUE[field.name] : undefined;
  if (longest && value.length > longest)
    return { key: "error.long", values: { label: field.label, max: longest } };
  if (field.options && !field.options.includes(value))
    return { key: "error.choice", values: { label: field.label } };
  if (field.format && FORMATS[field.format] && !FORMATS[field.format](value)) {
    return { key: `error.${field.format}`, values: { label: field.label } };
  }
  if (!matches(field.pattern, value)) {
    return field.example
      ? { key: "error.pattern_example", values: { label: field.label, example: field.example } }
      : { key: "error.pattern", values: { label: field.label } };
  }
  return null;
}

/** A pattern that this browser cannot read is left to the server. */
export function matches(pattern, value) {
  if (!pattern) return true;
  try {
    return new RegExp(pattern).test(value);
  } catch {
    return true;
  }
}

/** `[{field, error}]` of all fields that do not fit. */
export function validateAll(fields, valueOf) {
  return fields
    .map((field) => ({ field, error: validate(field, field.visible ? valueOf(field) : field.initial) }))
    .filter((row) => row.error);
}
