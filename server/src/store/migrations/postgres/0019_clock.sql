-- The latest time that this database has seen: when its clock shows less, it went back.
CREATE TABLE clock (
  is_only  boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  seen_at  timestamptz NOT NULL
);
