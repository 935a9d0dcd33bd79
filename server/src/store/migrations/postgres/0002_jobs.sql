-- The job queue. A row is there until its job is done, given up or cancelled.
CREATE TABLE jobs (
  id            uuid PRIMARY KEY,
  kind          text NOT NULL,
  account_id    integer NOT NULL,
  -- What the job is about: ids only.
  input         jsonb NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- From when it may be taken; also its place in the queue.
  run_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Times it was taken: the fencing token, which never falls.
  attempt       integer NOT NULL DEFAULT 0,
  -- Tries that failed, a worker's death included; a stop of the worker is none.
  failures      integer NOT NULL DEFAULT 0,
  -- Who holds it and until when; both null while it waits.
  worker        uuid,
  lease_until   timestamptz,
  CHECK ((worker IS NULL) = (lease_until IS NULL))
);

CREATE INDEX jobs_waiting ON jobs (kind, account_id, run_at) WHERE worker IS NULL;
CREATE INDEX jobs_held ON jobs (kind, account_id) WHERE worker IS NOT NULL;

-- Work that is done every so often by one process at a time.
CREATE TABLE periodic_work (
  name          text PRIMARY KEY,
  next_at       timestamptz NOT NULL,
  worker        uuid,
  lease_until   timestamptz
);
