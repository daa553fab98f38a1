//! The way to PostgreSQL over TLS.

use sqlx::Connection;
use tongban_adapters::{config::StoreSettings, seal::Keyring, store::Store};
use tongban_tests::stores::{Database, Place};

use super::{MONDAY, Tested, postgres_url};

const IN_THE_CLEAR: &str = "SELECT count(*) FROM pg_stat_activity a JOIN pg_stat_ssl s ON s.pid = a.pid \
     WHERE a.application_name = 'tongban' AND a.datname = current_database() AND NOT s.ssl";

#[tokio::test]
async fn a_database_is_believed_only_under_an_authority_that_was_named() -> Tested {
    let (Some(_), Ok(authority)) = (postgres_url(), std::env::var("TEST_POSTGRES_AUTHORITY")) else {
        println!("not tested: TEST_POSTGRES_AUTHORITY is not set");
        return Ok(());
    };
    let place = Place::fresh(Database::Postgres, MONDAY).await;
    let plain = place.settings().url;
    let open = async |mode: &str| {
        let settings = StoreSettings { url: format!("{plain}?{mode}"), ..place.settings() };
        Store::open(settings, Keyring::open(&place.folder())?, place.clock.clone()).await.map_err(Box::<dyn std::error::Error>::from)
    };
    assert!(open("sslmode=verify-full").await.is_err(), "nobody whom browsers trust vouches for it");
    let store = open(&format!("sslmode=verify-full&sslrootcert={authority}")).await?;
    let mut besides = sqlx::PgConnection::connect(&plain).await?;
    let in_the_clear: i64 = sqlx::query_scalar(IN_THE_CLEAR).fetch_one(&mut besides).await?;
    assert_eq!(in_the_clear, 0);
    store.close().await;
    Ok(())
}
