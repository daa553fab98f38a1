-- The last time that a case went from one version of its process to another; what it was called there goes with it, so
-- that it can go back.
CREATE TABLE migrated (
  shard BIGINT NOT NULL, case_id TEXT NOT NULL,
  process TEXT NOT NULL, from_hash TEXT NOT NULL, to_hash TEXT NOT NULL, nodes TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (shard, case_id));
CREATE INDEX migrated_to ON migrated (process, to_hash);
CREATE INDEX case_head_version ON case_head (process, status, definition);
