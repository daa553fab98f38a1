//! Accounts that were made at the start, on a slip that only its owner can read.

use std::{io::Write, path::Path};

use tongban_engine::organisation::{Official, Register};

/// A line of it: login, first password, name, unit, roles.
pub(super) fn line(register: &Register, login: &str, account: &Official, password: &str) -> String {
    let unit = account.posts.first().and_then(|tenure| register.units.get(&tenure.post.unit)).map_or("", |unit| unit.name.zh.as_str());
    let roles: Vec<&str> = account.posts.iter().map(|tenure| tenure.post.role.as_str()).collect();
    format!("{login:<10} {password}  {}  {unit}  {}", account.name, roles.join(", "))
}

/// Notes new accounts in a file that only its owner can read, and gives back all that are noted.
pub(super) fn note(path: &Path, lines: &[String]) -> std::io::Result<String> {
    if !lines.is_empty() {
        let mut options = std::fs::OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        for line in lines {
            writeln!(file, "{line}")?;
        }
    }
    Ok(std::fs::read_to_string(path).unwrap_or_default())
}
