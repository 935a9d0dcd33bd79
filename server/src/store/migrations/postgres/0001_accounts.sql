-- Accounts: the boundary that nothing crosses.
CREATE TABLE accounts (
  id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name          text NOT NULL UNIQUE,
  -- The two ids that the call feed and the JWTs show.
  account_uuid  uuid NOT NULL UNIQUE,
  context_uuid  uuid NOT NULL UNIQUE,
  timezone      text NOT NULL DEFAULT 'UTC',
  -- ISO 3166 alpha-2; how national phone numbers are read. Null: unknown.
  country       text CHECK (country ~ '^[A-Z]{2}$'),
  -- Sealed under the master key.
  jwt_secret    bytea NOT NULL,
  disabled_at   timestamptz,
  created_at    timestamptz NOT NULL
);

-- API keys: the key itself is kept as a hash, its HMAC secret sealed.
CREATE TABLE api_keys (
  id            uuid PRIMARY KEY,
  account_id    integer NOT NULL REFERENCES accounts (id),
  name          text NOT NULL,
  -- The first characters, by which people recognise a key.
  prefix        text NOT NULL,
  key_hash      bytea NOT NULL UNIQUE,
  hmac_secret   bytea NOT NULL,
  scopes        text[] NOT NULL,
  expires_at    timestamptz,
  revoked_at    timestamptz,
  -- The key that rotation put in its place; this one then expires after the overlap.
  replaced_by   uuid REFERENCES api_keys (id),
  last_used_at  timestamptz,
  created_at    timestamptz NOT NULL
);

CREATE INDEX api_keys_by_account ON api_keys (account_id, created_at);

-- Requests taken per key, kind and minute. Unlogged: a crash may forget a minute's count, nothing more.
CREATE UNLOGGED TABLE rate_windows (
  key_id        uuid NOT NULL,
  kind          text NOT NULL,
  -- Minutes since 1970.
  minute        integer NOT NULL,
  taken         integer NOT NULL,
  PRIMARY KEY (key_id, kind, minute)
);

CREATE INDEX rate_windows_by_minute ON rate_windows (minute);

-- Who changed what in an account's settings and keys.
CREATE TABLE audit_events (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id    integer NOT NULL REFERENCES accounts (id),
  at            timestamptz NOT NULL,
  -- 'system', or 'key:' and the key's id.
  actor         text NOT NULL,
  action        text NOT NULL,
  -- What was changed: 'account', or 'key:' and the key's id.
  subject       text NOT NULL,
  details       jsonb NOT NULL DEFAULT '{}'
);

CREATE INDEX audit_events_by_account ON audit_events (account_id, id);
