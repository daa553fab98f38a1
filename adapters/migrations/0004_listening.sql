-- What running cases wait to hear from others: signals and messages, by name and the hash of the correlation key.
CREATE TABLE listening (
  shard BIGINT NOT NULL, case_id TEXT NOT NULL, wait BIGINT NOT NULL,
  kind TEXT NOT NULL, name TEXT NOT NULL, key_hash TEXT NOT NULL, since BIGINT NOT NULL,
  PRIMARY KEY (shard, case_id, wait));
CREATE INDEX listening_name ON listening (name, kind, key_hash, since);
