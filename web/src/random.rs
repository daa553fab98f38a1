//! Randomness for keys of forms, references, and passwords that somebody is given; sessions get theirs from the accounts.

/// Letters of given passwords: none that is taken for another.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789x";
/// Letters of a given password: 70 bits.
const PASSWORD_LENGTH: usize = 14;

/// `count` random bytes.
pub fn bytes(count: usize) -> Vec<u8> {
    let mut buffer = vec![0_u8; count];
    getrandom::fill(&mut buffer).expect("the operating system gives randomness, or nothing here is safe");
    buffer
}

/// `count` random bytes as hexadecimal digits.
pub fn hex(count: usize) -> String {
    ::hex::encode(bytes(count))
}

/// A password to be given to somebody, who changes it.
pub fn password() -> String {
    bytes(PASSWORD_LENGTH).into_iter().map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()])).collect()
}
