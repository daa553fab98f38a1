-- What the scanner says of a file: waiting, clean, infected, unscanned; why: the signature found, or why it still waits.
ALTER TABLE file ADD COLUMN state TEXT NOT NULL DEFAULT 'unscanned';
ALTER TABLE file ADD COLUMN why TEXT;
ALTER TABLE file ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0;
ALTER TABLE file ADD COLUMN due BIGINT NOT NULL DEFAULT 0;
CREATE INDEX file_due ON file (due) WHERE state IN ('waiting', 'unscanned');
