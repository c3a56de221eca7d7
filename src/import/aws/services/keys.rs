//! `aws iam list-access-keys`: ids and ages of users' keys. It names users without their account; the other files know.

use super::{FAMILY, Reader};
use crate::model::{Piece, Place, Time};
use serde_json::Value;

/// A user's key.
#[derive(Clone, Debug)]
pub struct Key {
    /// `AKIA…`, a public id.
    pub id: String,
    /// Whose.
    pub user: String,
    /// Whether it is switched on.
    pub active: Option<bool>,
    /// When it was made.
    pub made_at: Option<Time>,
    /// Where it stands.
    pub place: Place,
}

/// Keys of a file.
pub struct Keys(pub Vec<Key>);

pub(super) fn read(reader: &mut Reader, value: &Value, pointer: &str) {
    let mut keys = Vec::new();
    for (i, item) in reader.log.list(value, "AccessKeyMetadata", pointer).iter().enumerate() {
        let at = format!("{pointer}/AccessKeyMetadata/{i}");
        let id = reader.log.text(item, "AccessKeyId", &at).map(str::to_owned);
        let user = reader.log.text(item, "UserName", &at).map(str::to_owned);
        let shaped = |id: &str| (16..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric());
        let (Some(id), Some(user)) = (id.filter(|id| shaped(id)), user) else {
            reader.log.error(
                "missing-field",
                &at,
                "A key without an AccessKeyId or a UserName was left out",
            );
            continue;
        };
        let active = match reader.log.text(item, "Status", &at) {
            Some("Active") => Some(true),
            Some("Inactive") => Some(false),
            _ => None,
        };
        keys.push(Key {
            id,
            user,
            active,
            made_at: reader.log.time(item, "CreateDate", &at),
            place: reader.log.input.at(&at),
        });
    }
    reader.pieces.push(Piece::new(FAMILY, Keys(keys)));
}
