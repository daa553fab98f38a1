-- One dialect for SQLite and PostgreSQL: TEXT and BIGINT only, times in UTC milliseconds, booleans 0 or 1, JSON as text.
-- Every hot table leads with (shard, case_id); shard is a hash of the case's identifier into 1,024.

CREATE TABLE case_head (
  shard BIGINT NOT NULL, case_id TEXT NOT NULL,
  seq BIGINT NOT NULL, head TEXT NOT NULL, status TEXT NOT NULL,
  process TEXT NOT NULL, definition TEXT NOT NULL,
  unit TEXT NOT NULL, applicant TEXT NOT NULL, applicant_unit TEXT, applicant_person TEXT,
  source TEXT NOT NULL, application_no TEXT NOT NULL, number TEXT, title TEXT NOT NULL, started_by TEXT,
  started_at BIGINT NOT NULL, received_at BIGINT NOT NULL, ended_at BIGINT, changed_at BIGINT NOT NULL,
  portal TEXT, standing TEXT NOT NULL, due BIGINT, law_due BIGINT, law_paused BIGINT NOT NULL, incidents BIGINT NOT NULL,
  quarantined TEXT, state TEXT NOT NULL,
  PRIMARY KEY (shard, case_id));
CREATE INDEX case_head_unit ON case_head (unit, status, started_at);
CREATE INDEX case_head_started_by ON case_head (started_by, started_at);
CREATE INDEX case_head_applicant_unit ON case_head (applicant_unit, started_at);
CREATE INDEX case_head_number ON case_head (number);

CREATE TABLE case_data (shard BIGINT NOT NULL, case_id TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (shard, case_id));

CREATE TABLE journal (
  shard BIGINT NOT NULL, case_id TEXT NOT NULL, seq BIGINT NOT NULL,
  at BIGINT NOT NULL, actor TEXT NOT NULL, command_key TEXT NOT NULL, ask TEXT NOT NULL, events TEXT NOT NULL,
  prev TEXT NOT NULL, hash TEXT NOT NULL,
  PRIMARY KEY (shard, case_id, seq));

CREATE TABLE command_key (
  shard BIGINT NOT NULL, case_id TEXT NOT NULL, command_key TEXT NOT NULL,
  request TEXT NOT NULL, answer TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (shard, case_id, command_key));

CREATE TABLE task (
  shard BIGINT NOT NULL, case_id TEXT NOT NULL, task BIGINT NOT NULL,
  node TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL, unit TEXT NOT NULL, assignee TEXT,
  opened_at BIGINT NOT NULL, due BIGINT, provisional BIGINT NOT NULL, urged BIGINT NOT NULL,
  PRIMARY KEY (shard, case_id, task));
CREATE INDEX task_post ON task (unit, role, due);
CREATE INDEX task_assignee ON task (assignee);

CREATE TABLE did (
  shard BIGINT NOT NULL, case_id TEXT NOT NULL, person TEXT NOT NULL,
  node TEXT NOT NULL, name TEXT NOT NULL, action TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (shard, case_id, person));
CREATE INDEX did_person ON did (person, at);

CREATE TABLE timer (
  shard BIGINT NOT NULL, case_id TEXT NOT NULL, timer BIGINT NOT NULL,
  due BIGINT NOT NULL, lease_until BIGINT NOT NULL, attempts BIGINT NOT NULL,
  PRIMARY KEY (shard, case_id, timer));
CREATE INDEX timer_due ON timer (due);

CREATE TABLE outbox (
  shard BIGINT NOT NULL, case_id TEXT NOT NULL, destination TEXT NOT NULL, seq BIGINT NOT NULL, n BIGINT NOT NULL,
  at BIGINT NOT NULL, state TEXT NOT NULL, attempts BIGINT NOT NULL, next_at BIGINT NOT NULL,
  lease_until BIGINT NOT NULL, lease TEXT, error TEXT, payload TEXT NOT NULL,
  PRIMARY KEY (shard, case_id, destination, seq, n));
CREATE INDEX outbox_state ON outbox (state, next_at);

CREATE TABLE document (
  shard BIGINT NOT NULL, case_id TEXT NOT NULL, no BIGINT NOT NULL,
  title TEXT NOT NULL, number TEXT, html TEXT NOT NULL, hash TEXT NOT NULL, made_at BIGINT NOT NULL,
  PRIMARY KEY (shard, case_id, no));

CREATE TABLE notice (
  shard BIGINT NOT NULL, case_id TEXT NOT NULL, no BIGINT NOT NULL, at BIGINT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (shard, case_id, no));

CREATE TABLE field_index (
  shard BIGINT NOT NULL, case_id TEXT NOT NULL, name TEXT NOT NULL, text_value TEXT, int_value BIGINT,
  PRIMARY KEY (shard, case_id, name));
CREATE INDEX field_index_text ON field_index (name, text_value);

CREATE TABLE data_key (shard BIGINT NOT NULL, case_id TEXT NOT NULL, wrapped TEXT NOT NULL, PRIMARY KEY (shard, case_id));

-- A number taken from a series is a row, so that a race for it is a unique violation.
CREATE TABLE series (series TEXT NOT NULL, value BIGINT NOT NULL, case_id TEXT NOT NULL, PRIMARY KEY (series, value));

CREATE TABLE definition (
  hash TEXT NOT NULL PRIMARY KEY, process TEXT NOT NULL, no BIGINT NOT NULL, at BIGINT NOT NULL, files TEXT NOT NULL,
  UNIQUE (process, no));

CREATE TABLE office (name TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL, at BIGINT NOT NULL);

CREATE TABLE account (
  login TEXT NOT NULL PRIMARY KEY, person TEXT NOT NULL, password TEXT NOT NULL, must_change BIGINT NOT NULL,
  failures BIGINT NOT NULL, delayed_until BIGINT NOT NULL);

CREATE TABLE session (
  token TEXT NOT NULL PRIMARY KEY, person TEXT NOT NULL, login TEXT NOT NULL, csrf TEXT NOT NULL,
  created_at BIGINT NOT NULL, used_at BIGINT NOT NULL, must_change BIGINT NOT NULL);
CREATE INDEX session_person ON session (person);

CREATE TABLE draft (
  person TEXT NOT NULL, about TEXT NOT NULL, body TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (person, about));

CREATE TABLE intake (
  source TEXT NOT NULL, message_id TEXT NOT NULL, nonce TEXT NOT NULL, kind TEXT NOT NULL, application_no TEXT NOT NULL,
  received_at BIGINT NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL, case_id TEXT, rejection TEXT,
  PRIMARY KEY (source, message_id), UNIQUE (source, nonce));
CREATE INDEX intake_state ON intake (state, received_at);

CREATE TABLE read_log (
  shard BIGINT NOT NULL, case_id TEXT NOT NULL, id TEXT NOT NULL,
  at BIGINT NOT NULL, person TEXT NOT NULL, what TEXT NOT NULL, purpose TEXT NOT NULL,
  PRIMARY KEY (shard, case_id, id));

CREATE TABLE file (
  id TEXT NOT NULL PRIMARY KEY, size BIGINT NOT NULL, media_type TEXT NOT NULL, wrapped TEXT NOT NULL, at BIGINT NOT NULL);
