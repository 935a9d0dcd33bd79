-- A password that somebody else gave is changed before anything else is done with it.
ALTER TABLE users ADD COLUMN must_change_password boolean NOT NULL DEFAULT false;
