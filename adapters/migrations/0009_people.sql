-- Each change of the register of units and people, counted: a late change is told what it missed, and of two nodes that
-- change at once one loses the race.
CREATE TABLE office_change (version BIGINT NOT NULL PRIMARY KEY, at BIGINT NOT NULL, actor TEXT NOT NULL, about TEXT NOT NULL);
