-- Sign-ins with a password that failed or are being checked, for as long as they count against the next one.
CREATE TABLE sign_in_tries (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- SHA-256 of the e-mail address in small letters, whether anybody has it or not.
  email_hash bytea NOT NULL,
  -- An IPv4 address, or the first half of an IPv6 address.
  network    text NOT NULL,
  at         timestamptz NOT NULL
);

CREATE INDEX sign_in_tries_by_email ON sign_in_tries (email_hash);
CREATE INDEX sign_in_tries_by_network ON sign_in_tries (network);
CREATE INDEX sign_in_tries_by_time ON sign_in_tries (at);

-- From where people signed in: guesses that come from elsewhere do not hold them up there.
CREATE TABLE sign_in_places (
  email_hash bytea NOT NULL,
  network    text NOT NULL,
  last_at    timestamptz NOT NULL,
  PRIMARY KEY (email_hash, network)
);
