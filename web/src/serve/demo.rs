//! The demonstration office: its units and people, and an account for each.

use std::path::Path;

use anyhow::Context;
use tokio::task::JoinSet;
use tongban_adapters::store::Store;
use tongban_engine::{
    definition::Bundle,
    organisation::{Official, Register},
};

use super::slip;

/// Where the demonstration office is written down.
pub(crate) const FILE: &str = "workflows/demo/organisation.yaml";
/// Where the accounts made at first start are noted.
const NOTE: &str = "demo-accounts.txt";

/// Sets up units and people, and makes the accounts that there are not yet; says where they are noted.
pub(super) async fn set_up(store: &Store, bundle: &Bundle, data: &Path) -> anyhow::Result<String> {
    let text = bundle.files.get(FILE).with_context(|| format!("the office has no {FILE}"))?;
    let written = tongban_adapters::yaml::read::<Register>(text).with_context(|| FILE.to_owned())?;
    // what was changed on the pages stays
    if store.register().people.is_empty() {
        store.organise(written.clone()).await?;
    }
    let register = store.register();
    let mut made = JoinSet::new();
    // whoever came later gets her first password from the administrator
    let here = |(person, account): &(String, Official)| written.people.contains_key(person) && account.left.is_none();
    for (person, account) in register.people.clone().into_iter().filter(here) {
        let Some(login) = account.login.clone() else { continue };
        if store.has_account(&login).await? {
            continue;
        }
        let (store, password) = (store.clone(), crate::random::password());
        let line = slip::line(&register, &login, &account, &password);
        made.spawn(async move { store.set_account(&login, &person, &password, false).await.map(|()| line) });
    }
    let mut lines = Vec::new();
    while let Some(line) = made.join_next().await {
        lines.push(line??);
    }
    lines.sort();
    Ok(slip::note(&data.join(NOTE), &lines)?)
}
