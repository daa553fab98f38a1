-- How pressing a task is: 0 urgent, 1 high, 2 normal, 3 low. Copies of cases for people to read, and when they did.
ALTER TABLE task ADD COLUMN priority BIGINT NOT NULL DEFAULT 2;
CREATE TABLE copied (
  shard BIGINT NOT NULL, case_id TEXT NOT NULL, no BIGINT NOT NULL,
  person TEXT NOT NULL, node TEXT NOT NULL, name TEXT NOT NULL, sender TEXT, at BIGINT NOT NULL, read_at BIGINT,
  PRIMARY KEY (shard, case_id, no));
CREATE INDEX copied_person ON copied (person, read_at, at);
