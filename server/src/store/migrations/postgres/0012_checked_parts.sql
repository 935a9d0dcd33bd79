-- Up to which place of its change order an account's parts are known to have a call, or to be gone: those that were kept
-- for as long as the account keeps them without one.
CREATE TABLE checked_parts (
  account_id  integer NOT NULL,
  collection  text NOT NULL,
  seq         bigint NOT NULL,
  PRIMARY KEY (account_id, collection)
);
