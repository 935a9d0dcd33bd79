-- What ingestion refused, counted by hour, sender and kind. Nothing here was sent by anybody, but names of fields.
CREATE TABLE ingest_faults (
  account_id      integer NOT NULL REFERENCES accounts (id),
  -- The UTC hour.
  hour            timestamptz NOT NULL,
  -- Who sent it: 'key:' or 'user:' and the id.
  source          text NOT NULL,
  -- The method and path, with the collection where it is known.
  path            text NOT NULL,
  -- Empty where it is unknown, or where a recording was sent.
  collection      text NOT NULL,
  code            text NOT NULL,
  -- Empty for faults of a whole record or request.
  field           text NOT NULL,
  -- What is wrong and what would be right.
  rule            text NOT NULL,
  -- Whether records are counted, or requests.
  counts_records  boolean NOT NULL,
  refused         bigint NOT NULL,
  last_at         timestamptz NOT NULL,
  PRIMARY KEY (account_id, hour, source, path, code, field, rule)
);

CREATE INDEX ingest_faults_by_hour ON ingest_faults (hour);
