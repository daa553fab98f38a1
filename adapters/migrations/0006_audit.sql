-- Who did, saw, revealed or changed what, besides what the journals of cases say: one chain of hashes.
CREATE TABLE audit (
  no BIGINT NOT NULL PRIMARY KEY, at BIGINT NOT NULL, actor TEXT NOT NULL, deed TEXT NOT NULL,
  kind TEXT NOT NULL, about TEXT NOT NULL, before TEXT, after TEXT, purpose TEXT,
  prev TEXT NOT NULL, hash TEXT NOT NULL);
CREATE INDEX audit_actor ON audit (actor, no);
CREATE INDEX audit_about ON audit (kind, about, no);
