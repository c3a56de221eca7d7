//! Reading members of a document: "`null` is as if left out", "a field is **stated** when it is present and not null".

use serde_json::Value;

/// The kinds of entity and of relation, as the document calls their lists.
pub const ENTITIES: [&str; 3] = ["systems", "identities", "credentials"];
pub const RELATIONS: [&str; 4] = ["grants", "exposures", "inherits", "trusts"];

/// The elements of a list; none where it is not stated.
pub fn items<'a>(record: &'a Value, field: &str) -> &'a [Value] {
    record.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A text, where stated.
pub fn text(record: &Value, field: &str) -> Option<String> {
    record.get(field).and_then(Value::as_str).map(str::to_owned)
}

/// A truth value, where stated.
pub fn flag(record: &Value, field: &str) -> Option<bool> {
    record.get(field).and_then(Value::as_bool)
}

/// A list of texts, where stated; "an empty list is stated".
pub fn list(record: &Value, field: &str) -> Option<Vec<String>> {
    let array = record.get(field)?.as_array()?;
    Some(array.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}
