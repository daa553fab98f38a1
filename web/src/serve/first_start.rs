//! The first start of an office in which there is nobody yet: three administrators (三员), each with a first password.
//!
//! There is no account that may do everything, not even now: each of the three does a part, and what is sensitive takes two.

use std::path::Path;

use anyhow::Context;
use indexmap::IndexMap;
use tongban_adapters::store::Store;
use tongban_engine::{
    definition::{Role, THREE},
    organisation::{Official, Post, Register, Tenure, Unit},
    text::Text,
};

use super::slip;
use crate::random;

/// Where the accounts are noted.
const NOTE: &str = "first-accounts.txt";
/// The unit that they begin in; it is renamed, or others come above and below it, on the pages.
const UNIT: &str = "office";

/// Makes the three, if there is nobody; then says where they are noted, and with which passwords.
pub(super) async fn set_up(store: &Store, roles: &IndexMap<String, Role>, data: &Path) -> anyhow::Result<Option<String>> {
    if !store.register().people.is_empty() {
        return Ok(None);
    }
    let unit = Unit { name: Text::new("本机关", "The office"), kind: "bureau".to_owned(), parent: None, code: None, items: Vec::new() };
    let mut register = Register { units: [(UNIT.to_owned(), unit)].into_iter().collect(), ..Register::default() };
    for duty in THREE {
        let carries = |role: &&Role| role.may.iter().any(|word| word == duty);
        let role = roles.values().find(carries).with_context(|| format!("no role of workflows/roles.yaml has `may: [{duty}]`"))?;
        let post = Post { role: role.id.clone(), unit: UNIT.to_owned() };
        let posts = vec![Tenure { post, ..Tenure::default() }];
        let official = Official { name: role.name.zh.clone(), login: Some(role.id.clone()), posts, ..Official::default() };
        register.people.insert(role.id.clone(), official);
    }
    let mut lines = Vec::new();
    for (person, account) in &register.people {
        let password = random::password();
        store.set_account(person, person, &password, true).await?;
        lines.push(slip::line(&register, person, account, &password));
    }
    // last: a start that was cut short begins again
    store.organise(register).await?;
    Ok(Some(slip::note(&data.join(NOTE), &lines)?))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::Arc;

    use tongban_adapters::{accounts::Origin, clock::SystemClock, config::StoreSettings, seal::Keyring};
    use tongban_engine::definition::load_office;

    use super::*;

    #[tokio::test]
    async fn three_begin_and_each_does_a_part() {
        let folder = tempfile::tempdir().unwrap();
        let (office, _) = load_office(&super::super::ground::built_in());
        let settings = StoreSettings::embedded(folder.path());
        let store = Store::open(settings, Keyring::open(folder.path()).unwrap(), Arc::new(SystemClock)).await.unwrap();
        store.deploy(&super::super::ground::built_in()).await.unwrap();
        let slip = set_up(&store, &office.roles, folder.path()).await.unwrap().unwrap();
        let logins: Vec<(&str, &str)> =
            slip.lines().filter_map(|line| line.split_whitespace().next().zip(line.split_whitespace().nth(1))).collect();
        assert_eq!(logins.len(), 3, "{slip}");
        for (login, password) in logins {
            store.log_in(login, password, &Origin::default()).await.unwrap();
            assert_eq!(THREE.iter().filter(|duty| store.has_duty(login, duty)).count(), 1, "{login}");
        }
        assert!(set_up(&store, &office.roles, folder.path()).await.unwrap().is_none(), "whoever is there stays");
        store.close().await;
    }
}
