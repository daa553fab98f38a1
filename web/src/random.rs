//! Randomness for keys of forms and references; sessions get theirs from the accounts.

/// `bytes` random bytes as hexadecimal digits.
pub fn hex(bytes: usize) -> String {
    let mut buffer = vec![0_u8; bytes];
    getrandom::fill(&mut buffer).expect("the operating system gives randomness, or nothing here is safe");
    ::hex::encode(buffer)
}
