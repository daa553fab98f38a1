//! The demonstration office: its units and people, and an account for each.

use std::{io::Write, path::Path};

use anyhow::Context;
use indexmap::IndexMap;
use serde::Deserialize;
use tokio::task::JoinSet;
use tongban_adapters::store::Store;
use tongban_engine::{definition::Bundle, organisation::Organisation};

/// Where the demonstration office is written down.
const FILE: &str = "workflows/demo/organisation.yaml";
/// Where the accounts made at first start are noted.
const NOTE: &str = "demo-accounts.txt";
/// Letters of initial passwords: none that is taken for another.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789x";
/// Letters of an initial password.
const PASSWORD_LENGTH: usize = 14;

#[derive(Deserialize)]
struct Logins {
    people: IndexMap<String, Login>,
}

#[derive(Deserialize)]
struct Login {
    name: String,
    login: Option<String>,
    #[serde(default)]
    posts: Vec<tongban_engine::organisation::Post>,
}

/// Sets up units and people, and makes the accounts that there are not yet; says where they are noted.
pub(super) async fn set_up(store: &Store, bundle: &Bundle, data: &Path) -> anyhow::Result<String> {
    let text = bundle.files.get(FILE).with_context(|| format!("the office has no {FILE}"))?;
    let organisation: Organisation = tongban_adapters::yaml::read(text).with_context(|| FILE.to_owned())?;
    let logins: Logins = tongban_adapters::yaml::read(text).with_context(|| FILE.to_owned())?;
    store.organise(organisation.clone()).await?;
    let mut made = JoinSet::new();
    for (person, account) in logins.people {
        let Some(login) = account.login.clone() else { continue };
        if store.has_account(&login).await? {
            continue;
        }
        let (store, password) = (store.clone(), password());
        let line = line(&organisation, &login, &account, &password);
        made.spawn(async move { store.set_account(&login, &person, &password, false).await.map(|()| line) });
    }
    let mut lines = Vec::new();
    while let Some(line) = made.join_next().await {
        lines.push(line??);
    }
    lines.sort();
    note(&data.join(NOTE), &lines)
}

fn line(organisation: &Organisation, login: &str, account: &Login, password: &str) -> String {
    let unit = account.posts.first().and_then(|post| organisation.units.get(&post.unit)).map_or("", |unit| unit.name.zh.as_str());
    let roles: Vec<&str> = account.posts.iter().map(|post| post.role.as_str()).collect();
    format!("{login:<10} {password}  {}  {unit}  {}", account.name, roles.join(", "))
}

fn password() -> String {
    let bytes = crate::random::bytes(PASSWORD_LENGTH);
    bytes.into_iter().map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()])).collect()
}

/// Notes new accounts in a file that only its owner can read, and gives back all that are noted.
fn note(path: &Path, lines: &[String]) -> anyhow::Result<String> {
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
