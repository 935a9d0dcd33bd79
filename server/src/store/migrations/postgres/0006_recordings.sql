-- The recordings' files. Which recording a call has is said by the call itself, in its recording id: a row here that no
-- call names is on its way in or out, and has a time at which that is looked at.
CREATE TABLE recordings (
  id                uuid PRIMARY KEY,
  account_id        integer NOT NULL REFERENCES accounts (id),
  call_id           text NOT NULL,
  -- 'uploading' until its bytes are durable; 'removed' when its call has left it: links to it end, the sweep takes it away.
  state             text NOT NULL DEFAULT 'uploading' CHECK (state IN ('uploading', 'stored', 'removed')),
  format            text NOT NULL,
  content_type      text NOT NULL,
  bytes             bigint,
  -- Of the plain bytes, hexadecimal.
  sha256            text,
  duration_seconds  double precision,
  channels          integer,
  -- 'none': it cannot be decoded.
  waveform          text NOT NULL DEFAULT 'pending' CHECK (waveform IN ('pending', 'made', 'none')),
  -- When the sweep compares it with its call; null: the two agree.
  check_at          timestamptz,
  created_at        timestamptz NOT NULL
);

CREATE INDEX recordings_by_call ON recordings (account_id, call_id);
CREATE INDEX recordings_by_age ON recordings (account_id, created_at);
CREATE INDEX recordings_to_check ON recordings (check_at) WHERE check_at IS NOT NULL;

-- How many days things are kept; null: for ever. Recordings count from their upload, calls and turns from the call's end.
ALTER TABLE accounts
  ADD COLUMN retention_recordings_days integer DEFAULT 90 CHECK (retention_recordings_days > 0),
  ADD COLUMN retention_calls_days integer CHECK (retention_calls_days > 0),
  ADD COLUMN retention_turns_days integer CHECK (retention_turns_days > 0);

-- Calls that must not be deleted. The call's own flag, which the ingestion obeys, follows this table.
CREATE TABLE legal_holds (
  account_id   integer NOT NULL REFERENCES accounts (id),
  call_id      text NOT NULL,
  reason       text NOT NULL,
  -- 'system', or 'key:' and the key's id.
  set_by       text NOT NULL,
  set_at       timestamptz NOT NULL,
  -- Set while the release is under way; the row goes when the call's flag is gone.
  released_at  timestamptz,
  -- Whether the call's flag says the same as the row.
  is_settled   boolean NOT NULL DEFAULT false,
  PRIMARY KEY (account_id, call_id)
);

CREATE INDEX legal_holds_unsettled ON legal_holds (set_at) WHERE NOT is_settled;

-- Up to which place of its change order an account's deletions are gone from the call data store for good.
CREATE TABLE purged_deletions (
  account_id  integer PRIMARY KEY,
  seq         bigint NOT NULL
);
