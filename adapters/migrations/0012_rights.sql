-- Who has to do with a case besides its open tasks and its application: did, signed or was delegated a step, or was sent a copy.
CREATE TABLE involved (shard BIGINT NOT NULL, case_id TEXT NOT NULL, person TEXT NOT NULL, PRIMARY KEY (shard, case_id, person));
CREATE INDEX involved_person ON involved (person);
INSERT INTO involved (shard, case_id, person) SELECT shard, case_id, person FROM did;
-- The roles that a deployed version gives work to; one row with an empty role if it gives none.
CREATE TABLE version_role (definition TEXT NOT NULL, role TEXT NOT NULL, PRIMARY KEY (definition, role));
CREATE INDEX case_head_applicant_person ON case_head (applicant_person);
