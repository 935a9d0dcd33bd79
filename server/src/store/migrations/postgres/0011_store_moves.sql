-- The move of an embedded data folder into these engines. Until it is complete, nothing else may use them.
CREATE TABLE store_moves (
  -- What PostgreSQL calls the folder's own database: the folder may be renamed meanwhile.
  source_id      text PRIMARY KEY,
  source_folder  text NOT NULL,
  began_at       timestamptz NOT NULL,
  completed_at   timestamptz
);

-- How far a table's rows of one account have come; gone when the move is complete.
CREATE TABLE store_move_shares (
  table_name  text NOT NULL,
  account_id  integer NOT NULL,
  -- The account's last batch in the folder when its rows were first read; -1: what came is wrong. When the folder says
  -- otherwise, the share is moved anew.
  batch       bigint NOT NULL,
  -- Up to which key, the column after the account in the table's order, rows are there. Null: none yet.
  moved_to    text,
  is_moved    boolean NOT NULL DEFAULT false,
  PRIMARY KEY (table_name, account_id)
);

-- Files that are there, read back and found to be the same; gone when the move is complete.
CREATE TABLE store_move_files (
  key     text PRIMARY KEY,
  bytes   bigint NOT NULL,
  sha256  text NOT NULL
);
