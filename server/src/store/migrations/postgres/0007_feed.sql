-- Where the pages of a run through the call feed ended, so that deletions in between shift no later page. Kept a day.
CREATE TABLE feed_pages (
  key_id      uuid NOT NULL REFERENCES api_keys (id),
  -- Hash of everything that was asked for but the page.
  query_hash  bytea NOT NULL,
  page        bigint NOT NULL,
  -- The page's last place in the order asked for, whose last term is the call's number; empty: before the first call.
  place       double precision[] NOT NULL,
  -- How many calls match, and up to which number they were counted.
  total       bigint NOT NULL,
  counted_to  bigint NOT NULL,
  at          timestamptz NOT NULL,
  PRIMARY KEY (key_id, query_hash, page)
);

CREATE INDEX feed_pages_by_time ON feed_pages (at);

-- The call that each account's feed waits for: the one with the lowest number that is neither DONE nor ERROR.
CREATE TABLE feed_waits (
  account_id   integer PRIMARY KEY REFERENCES accounts (id),
  -- The account's place in its change order when this was found out; nothing changed means nothing to find out.
  checked_seq  bigint NOT NULL,
  -- Null: it waits for none.
  number       bigint,
  -- The last change of that call.
  since        timestamptz,
  -- When the log last told of it.
  logged_at    timestamptz
);
