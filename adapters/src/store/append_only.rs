//! Journals and the audit only grow: the database itself refuses to change or delete their rows.
//!
//! The two databases say it differently, so it is put up when the store opens and not by a migration; what somebody took
//! down is up again after the next start. It stops mistakes and simple intruders. Who owns the database can take it down:
//! against her stand the chains of hashes and the sealed heads. Erasing a person's data destroys keys and no rows.

use super::{StoreError, database::Writer};

const SQLITE: &str = "
CREATE TRIGGER IF NOT EXISTS audit_keeps_rows BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END;
CREATE TRIGGER IF NOT EXISTS audit_keeps_words BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END;
CREATE TRIGGER IF NOT EXISTS journal_keeps_rows BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'journals only grow'); END;
CREATE TRIGGER IF NOT EXISTS journal_keeps_words BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'journals only grow'); END;
";

/// The advisory lock lets one of several nodes that start at once put it up; whoever may only insert finds it there.
const POSTGRES: &str = "
DO $guard$ BEGIN
  PERFORM pg_advisory_xact_lock(7402);
  IF NOT EXISTS (SELECT 1 FROM pg_trigger WHERE tgname = 'only_grows' AND tgrelid = 'audit'::regclass)
    OR NOT EXISTS (SELECT 1 FROM pg_trigger WHERE tgname = 'only_grows' AND tgrelid = 'journal'::regclass) THEN
    CREATE OR REPLACE FUNCTION only_grows() RETURNS trigger LANGUAGE plpgsql AS $f$
      BEGIN RAISE EXCEPTION '% only grows', TG_TABLE_NAME; END $f$;
    DROP TRIGGER IF EXISTS only_grows ON audit;
    DROP TRIGGER IF EXISTS only_grows ON journal;
    CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION only_grows();
    CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON journal FOR EACH STATEMENT EXECUTE FUNCTION only_grows();
  END IF;
END $guard$;
";

/// Sees to it that the database refuses.
pub(super) async fn put_up(writer: &mut Writer) -> Result<(), StoreError> {
    let sql = if writer.is_shared() { POSTGRES } else { SQLITE };
    writer.script("guard journals and audit", sql).await
}
