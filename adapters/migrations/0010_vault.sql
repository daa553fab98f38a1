-- Keys in layers: a root key in the key file wraps one key a unit and year, that wraps one data key a subject, and that
-- seals values and wraps keys of files. A subject is whom a case is about, by a keyed hash of her identity; or the case.

-- Root keys that this store was used under, with their check values: another key file shows at once.
CREATE TABLE root_key (id TEXT NOT NULL PRIMARY KEY, check_value TEXT NOT NULL, made_at BIGINT NOT NULL);

CREATE TABLE unit_key (
  unit TEXT NOT NULL, year BIGINT NOT NULL, no BIGINT NOT NULL, wrapped TEXT NOT NULL, made_at BIGINT NOT NULL,
  PRIMARY KEY (unit, year, no));

-- Whose key opens a case; NULL: its own.
ALTER TABLE case_head ADD COLUMN subject TEXT;
CREATE INDEX case_head_subject ON case_head (subject) WHERE subject IS NOT NULL;

-- The key of a file that a case has taken, wrapped by the key of the case's subject.
CREATE TABLE case_file (
  shard BIGINT NOT NULL, case_id TEXT NOT NULL, file TEXT NOT NULL, wrapped TEXT NOT NULL,
  PRIMARY KEY (shard, case_id, file));
CREATE INDEX case_file_file ON case_file (file);

-- A subject whose key may not be destroyed, and why.
CREATE TABLE legal_hold (subject TEXT NOT NULL PRIMARY KEY, by_person TEXT NOT NULL, reason TEXT NOT NULL, at BIGINT NOT NULL);

-- Destroyed keys. The cases of such a subject name its row here as their subject.
CREATE TABLE erasure (
  id TEXT NOT NULL PRIMARY KEY, key_id TEXT NOT NULL, by_person TEXT NOT NULL, reason TEXT NOT NULL, at BIGINT NOT NULL,
  cases BIGINT NOT NULL, certificate TEXT NOT NULL);

-- Who looked at personal data lately.
CREATE INDEX audit_revealed ON audit (actor, at) WHERE deed = 'field.revealed';
