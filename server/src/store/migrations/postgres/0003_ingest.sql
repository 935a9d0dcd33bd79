-- One row an account: the last batch, place in the change order and call number that were given out.
CREATE TABLE ingest_accounts (
  account_id  integer PRIMARY KEY,
  last_batch  bigint NOT NULL DEFAULT 0,
  last_seq    bigint NOT NULL DEFAULT 0,
  last_number bigint NOT NULL DEFAULT 0
);

-- The write-ahead entries: batches that are promised and not yet known to be wholly in ClickHouse. first_seq and
-- first_number are the first places that the batch took; the account's watermark lies before those of its open entries.
CREATE TABLE ingest_batches (
  account_id   integer NOT NULL,
  batch        bigint NOT NULL,
  writer       uuid NOT NULL,
  first_seq    bigint NOT NULL,
  first_number bigint NOT NULL,
  rows         bytea NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, batch)
);

-- The rows are compressed already.
ALTER TABLE ingest_batches ALTER COLUMN rows SET STORAGE EXTERNAL;

-- Entries come and go by the second: clean up early, or the table grows.
ALTER TABLE ingest_batches SET (autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0);

-- First answers by Idempotency-Key, kept 72 hours.
CREATE TABLE idempotency_keys (
  account_id   integer NOT NULL,
  key          text NOT NULL,
  request_hash bytea NOT NULL,
  answer       jsonb NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, key)
);

CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);
