-- The newest records of the dataset exports stay when their files end. expired_at is when the files were removed.
ALTER TABLE exports ADD COLUMN expired_at timestamptz;

DROP INDEX exports_by_age;
CREATE INDEX exports_by_age ON exports (created_at) WHERE expired_at IS NULL;
