//! Randomness for keys of forms and references; sessions get theirs from the accounts.

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
