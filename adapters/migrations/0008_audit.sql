-- What takes effect only when a second administrator agrees: who asked for what, and what became of it.
CREATE TABLE proposal (
  id TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, about TEXT NOT NULL, body TEXT NOT NULL,
  before TEXT, after TEXT, reason TEXT NOT NULL, decides TEXT NOT NULL,
  proposed_by TEXT NOT NULL, proposed_at BIGINT NOT NULL, expires_at BIGINT NOT NULL,
  verdict TEXT, decided_by TEXT, decided_at BIGINT, decision_reason TEXT);
CREATE INDEX proposal_verdict ON proposal (verdict, proposed_at);
-- read_log is taken over into the audit when the store opens (the chain needs a hash that SQL has not), and stays empty.
CREATE INDEX audit_deed ON audit (deed, no);
