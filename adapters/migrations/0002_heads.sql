-- What changed lately is sealed every few seconds.
CREATE INDEX case_head_changed ON case_head (changed_at);
