-- A dataset export asks for what started or changed within a day. Parts are ordered by their call's id, which says nothing of
-- time, but records that arrive together lie in parts of their own for weeks: there these indexes leave a day a small share.
ALTER TABLE calls
    ADD INDEX IF NOT EXISTS updated_at_range updated_at TYPE minmax GRANULARITY 1;
ALTER TABLE engagements
    ADD INDEX IF NOT EXISTS started_at_range started_at TYPE minmax GRANULARITY 1,
    ADD INDEX IF NOT EXISTS updated_at_range updated_at TYPE minmax GRANULARITY 1;
ALTER TABLE turns
    ADD INDEX IF NOT EXISTS updated_at_range updated_at TYPE minmax GRANULARITY 1;
ALTER TABLE reviews
    ADD INDEX IF NOT EXISTS updated_at_range updated_at TYPE minmax GRANULARITY 1;
