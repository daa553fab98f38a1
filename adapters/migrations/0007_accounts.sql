-- Log-ins anew: whoever is logged in when this is carried out logs in once more.
DROP TABLE session;
CREATE TABLE session (
  token TEXT NOT NULL PRIMARY KEY, id TEXT NOT NULL, person TEXT NOT NULL, login TEXT NOT NULL, csrf TEXT NOT NULL,
  created_at BIGINT NOT NULL, used_at BIGINT NOT NULL, fresh_at BIGINT NOT NULL, awaits TEXT NOT NULL,
  address TEXT NOT NULL, browser TEXT NOT NULL, id_token TEXT);
CREATE INDEX session_person ON session (person, id);

-- Failures are counted for an account and an address together, so that nobody can lock anybody else out.
ALTER TABLE account DROP COLUMN failures;
ALTER TABLE account DROP COLUMN delayed_until;
ALTER TABLE account ADD COLUMN changed_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN disabled BIGINT NOT NULL DEFAULT 0;
CREATE INDEX account_person ON account (person);
CREATE TABLE attempt (
  who TEXT NOT NULL, address TEXT NOT NULL, failures BIGINT NOT NULL, delayed_until BIGINT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (who, address));
CREATE INDEX attempt_at ON attempt (at);

CREATE TABLE former_password (login TEXT NOT NULL, at BIGINT NOT NULL, password TEXT NOT NULL, PRIMARY KEY (login, at));

-- Seeds are sealed; `used_step` is the last thirty seconds whose code was taken. An offered seed counts once a code of it was seen.
CREATE TABLE second_factor (
  person TEXT NOT NULL PRIMARY KEY, secret TEXT, used_step BIGINT NOT NULL, since BIGINT NOT NULL, offered TEXT);
CREATE TABLE recovery_code (person TEXT NOT NULL, code TEXT NOT NULL, PRIMARY KEY (person, code));

-- Who somebody is at an identity platform.
CREATE TABLE identity (
  issuer TEXT NOT NULL, subject TEXT NOT NULL, person TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (issuer, subject));
CREATE INDEX identity_person ON identity (person);
