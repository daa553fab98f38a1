//! Every statement is prepared on both databases: an unknown table or column shows without running it.

use std::sync::Arc;

use tongban_engine::time::Moment;

use super::{
    Store, audit, audit_list, case_reads, catalog, drafts, heads, intake, list_query, listening, migration, outbox_rows, proposals, reads,
    register, reveals, start_timers, tables, vault, verify,
};
use crate::{accounts, clock::DrivenClock, config::StoreSettings, files, hand_over, seal::Keyring, timers};

fn every_statement() -> Vec<String> {
    let constant = [
        audit::STATEMENTS,
        audit_list::STATEMENTS,
        catalog::STATEMENTS,
        case_reads::STATEMENTS,
        drafts::STATEMENTS,
        heads::STATEMENTS,
        intake::STATEMENTS,
        listening::STATEMENTS,
        migration::STATEMENTS,
        outbox_rows::STATEMENTS,
        proposals::STATEMENTS,
        reads::STATEMENTS,
        register::STATEMENTS,
        reveals::STATEMENTS,
        start_timers::STATEMENTS,
        verify::STATEMENTS,
        hand_over::STATEMENTS,
        timers::STATEMENTS,
    ];
    let constant = constant
        .into_iter()
        .chain(accounts::STATEMENTS.iter().copied())
        .chain(files::STATEMENTS.iter().copied())
        .chain(vault::STATEMENTS.iter().copied())
        .flatten()
        .map(|sql| (*sql).to_owned());
    constant.chain(tables::statements()).chain(list_query::every_list()).collect()
}

async fn prepare_all(settings: StoreSettings) {
    let keys = Keyring::open(&settings.data_dir).unwrap();
    let store = Store::open(settings, keys, Arc::new(DrivenClock::at(Moment(0)))).await.unwrap();
    for sql in every_statement() {
        store.inner.readers.prepare(&sql).await.unwrap_or_else(|error| panic!("{error}\n{sql}"));
    }
    store.close().await;
}

#[tokio::test]
async fn every_statement_is_one_of_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    prepare_all(StoreSettings::embedded(folder.path())).await;
}

/// On the server's own database: preparing changes nothing in it, and its tables are made only if there are none.
#[tokio::test]
async fn every_statement_is_one_of_postgresql() {
    let Some(url) = std::env::var("TEST_POSTGRES_URL").ok().filter(|url| !url.is_empty()) else { return };
    let folder = tempfile::tempdir().unwrap();
    prepare_all(StoreSettings::postgres(url, folder.path())).await;
}
