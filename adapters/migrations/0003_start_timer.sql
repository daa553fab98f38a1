-- When the timer of a start event begins a case next; one row for each such event of a deployed version.
CREATE TABLE start_timer (
  process TEXT NOT NULL, event TEXT NOT NULL, definition TEXT NOT NULL, trigger_text TEXT NOT NULL,
  due BIGINT NOT NULL, times_left BIGINT, done BIGINT NOT NULL, lease_until BIGINT NOT NULL, attempts BIGINT NOT NULL,
  PRIMARY KEY (process, event));
CREATE INDEX start_timer_due ON start_timer (due);
