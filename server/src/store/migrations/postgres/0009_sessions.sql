-- People who sign in to the console. Their scopes follow from the role.
CREATE TABLE users (
  id              uuid PRIMARY KEY,
  account_id      integer NOT NULL REFERENCES accounts (id),
  email           text NOT NULL,
  name            text NOT NULL,
  -- scrypt with its parameters and salt, as text.
  password_hash   text NOT NULL,
  role            text NOT NULL CHECK (role IN ('viewer', 'analyst', 'admin')),
  disabled_at     timestamptz,
  last_sign_in_at timestamptz,
  created_at      timestamptz NOT NULL
);

CREATE UNIQUE INDEX users_by_account ON users (account_id, lower(email));
CREATE INDEX users_by_email ON users (lower(email));

-- Sign-ins of browsers, each with an API key or as a user. Unlogged: a backup never brings one back to life, and after
-- a crash of the database people sign in again.
CREATE UNLOGGED TABLE sessions (
  -- SHA-256 of what the cookie holds.
  token_hash    bytea PRIMARY KEY,
  account_id    integer NOT NULL REFERENCES accounts (id),
  user_id       uuid REFERENCES users (id),
  key_id        uuid REFERENCES api_keys (id),
  -- The browser's name for itself, shortened.
  user_agent    text NOT NULL,
  created_at    timestamptz NOT NULL,
  last_seen_at  timestamptz NOT NULL,
  expires_at    timestamptz NOT NULL,
  CHECK (num_nonnulls(user_id, key_id) = 1)
);

CREATE INDEX sessions_by_account ON sessions (account_id, expires_at);
CREATE INDEX sessions_by_user ON sessions (user_id);
