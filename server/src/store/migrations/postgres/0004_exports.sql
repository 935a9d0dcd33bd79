-- Export jobs: what was asked for, how far it is, and the files that came of it. A row is kept 72 hours.
CREATE TABLE exports (
  id               uuid PRIMARY KEY,
  account_id       integer NOT NULL REFERENCES accounts (id),
  -- The published API through which it was started; the others do not see it.
  surface          text NOT NULL,
  -- Datasets, format and parameters; the worker reads and checks it again.
  request          jsonb NOT NULL,
  status           text NOT NULL DEFAULT 'queued'
                   CHECK (status IN ('queued', 'processing', 'completed', 'failed', 'cancelled')),
  progress         smallint NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
  job_id           uuid NOT NULL,
  -- The job's attempt that works on it: a worker with a lower one changes nothing any more.
  attempt          integer NOT NULL DEFAULT 0,
  -- Set together with 'completed': dataset, key, name, type, size, hash and rows of each file.
  files            jsonb NOT NULL DEFAULT '[]',
  -- Rows that matched, also those beyond the limit of a file.
  total_rows       bigint,
  truncated        boolean,
  error            text,
  created_at       timestamptz NOT NULL,
  started_at       timestamptz,
  completed_at     timestamptz,
  -- When the links to its files end; null: with the row.
  expires_at       timestamptz,
  idempotency_key  text,
  request_hash     bytea NOT NULL
);

CREATE INDEX exports_by_account ON exports (account_id, surface, created_at DESC);
CREATE INDEX exports_by_age ON exports (created_at);
CREATE UNIQUE INDEX exports_by_idempotency_key ON exports (account_id, surface, idempotency_key)
  WHERE idempotency_key IS NOT NULL;
