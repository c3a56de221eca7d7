//! Names of keys whose values are secrets.

/// Whether a value of this key is a secret by its name: its last words are those of secrets. `password` and
/// `dbPassword` are; `password_last_changed`, `tokenWindow` and `SNYK_API` are not.
#[must_use]
pub fn is_secret_key(key: &str) -> bool {
    // Cheap first: nearly no key holds any of these.
    if key.len() > 200 {
        return false;
    }
    if !may_end(key) {
        return false;
    }
    let mut words = words(key);
    while words.last().is_some_and(|w| w.bytes().all(|b| b.is_ascii_digit())) {
        words.pop();
    }
    if ends(&words) {
        return true;
    }
    // `password_base64`, `private_key_pem`: a secret in another coat.
    match words.split_last() {
        Some((last, rest)) => COATS.contains(&last.as_str()) && ends(rest),
        None => false,
    }
}

/// What words of such keys have in them.
const PARTS: [&[u8]; 15] = [
    b"secr", b"passw", b"pwd", b"passph", b"passc", b"toke", b"key", b"cred", b"conn", b"auth", b"bear", b"cook",
    b"jwt", b"otp", b"codes",
];

/// Whether one of the words could be of those: every list of them has a word with one of these in it.
fn may_end(key: &str) -> bool {
    /// Of each two letters whether a part begins with them: every key of every record comes by here.
    const FIRST: [u32; 32] = {
        let mut first = [0; 32];
        let mut part = 0;
        while part < PARTS.len() {
            let [a, b] = [PARTS[part][0], PARTS[part][1]];
            first[(a & 31) as usize] |= 1 << (b & 31);
            part += 1;
        }
        first
    };
    let bytes = key.as_bytes();
    // Letters differ from each other in their last five bits, whatever their case.
    let may_begin = |a: u8, b: u8| FIRST[usize::from(a & 31)] & (1 << (b & 31)) != 0;
    !key.is_ascii()
        || bytes.windows(2).enumerate().any(|(at, pair)| {
            may_begin(pair[0], pair[1]) && {
                let here = &bytes[at..];
                PARTS
                    .iter()
                    .any(|part| here.len() >= part.len() && here[..part.len()].eq_ignore_ascii_case(part))
            }
        })
}

/// The last words of such keys.
const ENDS: &[&[&str]] = &[
    &["secret"],
    &["secrets"],
    &["password"],
    &["passwords"],
    &["passwd"],
    &["pwd"],
    &["passphrase"],
    &["passcode"],
    &["token"],
    &["tokens"],
    &["apikey"],
    &["apikeys"],
    &["api", "key"],
    &["api", "keys"],
    &["private", "key"],
    &["private", "keys"],
    &["privatekey"],
    &["secret", "key"],
    &["secretkey"],
    &["secret", "access", "key"],
    &["signing", "key"],
    &["encryption", "key"],
    &["master", "key"],
    &["account", "key"],
    &["shared", "key"],
    &["key", "material"],
    &["credential", "value"],
    &["connection", "string"],
    &["authorization"],
    &["bearer"],
    &["cookie"],
    &["jwt"],
    &["otp"],
    &["totp"],
    &["recovery", "codes"],
    &["backup", "codes"],
];

/// Last words that only say in which form the value is.
const COATS: &[&str] = &[
    "base64",
    "b64",
    "hex",
    "plain",
    "plaintext",
    "raw",
    "text",
    "pem",
    "der",
    "jwk",
    "value",
    "data",
    "hash",
    "string",
    "binary",
    "encrypted",
    "ciphertext",
];

fn ends(words: &[String]) -> bool {
    ENDS.iter().any(|tail| {
        words.len() >= tail.len()
            && words[words.len() - tail.len()..]
                .iter()
                .zip(*tail)
                .all(|(word, end)| word == end)
    })
}

/// The words of a key, in lower case: parted by anything but letters and digits, by case, and between letters and
/// digits.
fn words(key: &str) -> Vec<String> {
    let chars: Vec<char> = key.chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (i, c) in chars.iter().copied().enumerate() {
        if !c.is_alphanumeric() {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            continue;
        }
        let before = i.checked_sub(1).map(|j| chars[j]);
        let after = chars.get(i + 1).copied();
        let new = before.is_some_and(|b| {
            (b.is_lowercase() && c.is_uppercase())
                || (b.is_uppercase() && c.is_uppercase() && after.is_some_and(char::is_lowercase))
                || (b.is_ascii_digit() != c.is_ascii_digit() && b.is_alphanumeric() && !in_base64(&chars, i))
        });
        if new && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        word.extend(c.to_lowercase());
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Whether position `i` begins the number of `base64` or `b64`, which stays one word.
fn in_base64(chars: &[char], i: usize) -> bool {
    let before: String = chars[..i].iter().rev().take(4).collect::<String>().to_ascii_lowercase();
    chars[i..].starts_with(&['6', '4']) && (before.starts_with("esab") || before.starts_with('b'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_secrets_are_known_by_their_last_words() {
        for key in [
            "secret",
            "clientSecret",
            "client_secret",
            "CLIENT-SECRET",
            "password",
            "db.password",
            "dbPassword2",
            "DB_PASSWORD",
            "APIKey",
            "api_key",
            "x-api-key",
            "privateKey",
            "private_key_pem",
            "passwordBase64",
            "secret_b64",
            "SecretString",
            "secret value",
            "tokens",
            "accessToken",
            "AWS_SECRET_ACCESS_KEY",
            "secretAccessKey",
            "connectionString",
            "Authorization",
            "password_hash",
            "Set-Cookie",
        ] {
            assert!(is_secret_key(key), "{key}");
        }
        for key in [
            "secret_name",
            "secretArn",
            "password_last_changed",
            "password_enabled",
            "tokenWindow",
            "token_type",
            "SNYK_API",
            "public_id",
            "fingerprint",
            "access_key_1_active",
            "accessKeyId",
            "secret_count",
            "tokenizer",
            "key",
            "id",
            "name",
            "",
            "1",
            "monkey",
            "keys",
            "oldest_key",
            "secretary",
        ] {
            assert!(!is_secret_key(key), "{key}");
        }
    }

    #[test]
    fn no_key_with_such_a_part_is_passed_over() {
        let pieces = [
            "Pass", "WORD", "pw", "d", "Tok", "en", "ke", "y", "_", "-", "s", "ecr", "et", "co", "nn", "OTP", "@", "[",
        ];
        let mut with = 0;
        for a in pieces {
            for b in pieces {
                for c in pieces {
                    let key = format!("{a}{b}{c}");
                    let lower = key.to_ascii_lowercase();
                    let has = PARTS
                        .iter()
                        .any(|part| lower.as_bytes().windows(part.len()).any(|here| here == *part));
                    assert_eq!(may_end(&key), has, "{key}");
                    with += usize::from(has);
                }
            }
        }
        assert!(with > 100, "{with}");
        assert!(may_end("é"));
    }
}
