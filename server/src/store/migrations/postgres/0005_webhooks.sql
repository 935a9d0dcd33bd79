-- Where an account wants to be told of events.
CREATE TABLE webhook_endpoints (
  id                     text PRIMARY KEY,
  account_id             integer NOT NULL REFERENCES accounts (id),
  url                    text NOT NULL,
  description            text,
  -- Names of events; '*' is all of them.
  events                 text[] NOT NULL,
  -- Sealed under the master key; the one before signs too until its time is over. Both go when it is deleted.
  secret                 bytea,
  previous_secret        bytea,
  previous_secret_until  timestamptz,
  is_active              boolean NOT NULL DEFAULT true,
  -- Why it is not active, and since when every delivery failed.
  disabled_reason        text,
  failing_since          timestamptz,
  created_at             timestamptz NOT NULL,
  updated_at             timestamptz NOT NULL,
  -- Gone for its owner, and not active; what hangs on it is removed bit by bit.
  deleted_at             timestamptz,
  CHECK ((secret IS NULL) = (deleted_at IS NOT NULL)),
  CHECK (deleted_at IS NULL OR NOT is_active)
);

CREATE INDEX webhook_endpoints_by_account ON webhook_endpoints (account_id, created_at);
CREATE INDEX webhook_endpoints_deleted ON webhook_endpoints (deleted_at) WHERE deleted_at IS NOT NULL;

-- What happened, as it is told: written together with the change itself, and only where an endpoint wants it.
CREATE TABLE webhook_events (
  id             text PRIMARY KEY,
  account_id     integer NOT NULL REFERENCES accounts (id),
  type           text NOT NULL,
  -- The call that it is about, so that it can go with the call.
  call_id        text,
  -- The "data" of the payload. Text, so that every attempt sends the same bytes.
  data           text NOT NULL,
  at             timestamptz NOT NULL
);

CREATE INDEX webhook_events_by_call ON webhook_events (account_id, call_id) WHERE call_id IS NOT NULL;
CREATE INDEX webhook_events_by_time ON webhook_events (at);

-- One event for one endpoint; sending it again makes another delivery.
CREATE TABLE webhook_deliveries (
  id             uuid PRIMARY KEY,
  account_id     integer NOT NULL REFERENCES accounts (id),
  endpoint_id    text NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
  event_id       text NOT NULL REFERENCES webhook_events (id) ON DELETE CASCADE,
  -- The ingestion batch of the change: nothing is told before the change can be read. Null: at once.
  batch          bigint,
  status         text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'succeeded', 'failed')),
  attempts       integer NOT NULL DEFAULT 0,
  -- When it is next tried.
  next_at        timestamptz NOT NULL,
  -- Who sends it and until when.
  worker         uuid,
  lease_until    timestamptz,
  created_at     timestamptz NOT NULL,
  finished_at    timestamptz
);

CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, next_at) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_held ON webhook_deliveries (endpoint_id) WHERE worker IS NOT NULL;
CREATE INDEX webhook_deliveries_by_endpoint ON webhook_deliveries (endpoint_id, created_at DESC, id DESC);
CREATE INDEX webhook_deliveries_failed ON webhook_deliveries (endpoint_id, created_at DESC, id DESC)
  WHERE status = 'failed';
CREATE INDEX webhook_deliveries_by_event ON webhook_deliveries (event_id);

-- Every delivery changes at least twice: clean up early, or the queue's indexes grow.
ALTER TABLE webhook_deliveries SET (autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_scale_factor = 0.02);

-- Every try: what came back, or why nothing did.
CREATE TABLE webhook_attempts (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  delivery_id     uuid NOT NULL REFERENCES webhook_deliveries (id) ON DELETE CASCADE,
  account_id      integer NOT NULL REFERENCES accounts (id),
  at              timestamptz NOT NULL,
  duration_ms     integer NOT NULL,
  -- HTTP status, or null with the reason why there is none.
  status          integer,
  error           text,
  response_start  text
);

CREATE INDEX webhook_attempts_by_delivery ON webhook_attempts (delivery_id, id);
