-- The UTC days on which an account's calls ended: which batch last touched each, and up to which batch its totals are
-- worked out. A day whose totals lag behind is read from the calls themselves.
CREATE TABLE call_days (
  account_id     integer NOT NULL REFERENCES accounts (id),
  -- Days since 1970-01-01.
  day            integer NOT NULL,
  changed_batch  bigint NOT NULL,
  -- 0: none.
  totals_batch   bigint NOT NULL DEFAULT 0,
  -- Which of the day's rows among the totals are the right ones. Each time they are worked out takes a new number, so
  -- that rows of a time that was cut off are never counted.
  totals_version bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (account_id, day)
);

CREATE INDEX call_days_behind ON call_days (account_id) WHERE totals_batch < changed_batch;

CREATE SEQUENCE call_totals_versions;

-- Accounts whose calls all have their day in call_days: those from before it existed are looked up once.
CREATE TABLE call_day_accounts (
  account_id integer PRIMARY KEY REFERENCES accounts (id)
);
