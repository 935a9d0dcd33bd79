-- What the program itself knows of a call: its recording, and whether it may be deleted.
ALTER TABLE calls
    ADD COLUMN IF NOT EXISTS recording_id               Nullable(String) AFTER attributes,
    ADD COLUMN IF NOT EXISTS recording_format           Nullable(String) AFTER recording_id,
    ADD COLUMN IF NOT EXISTS recording_duration_seconds Nullable(Float64) AFTER recording_format,
    ADD COLUMN IF NOT EXISTS recording_bytes            Nullable(Int64) AFTER recording_duration_seconds,
    ADD COLUMN IF NOT EXISTS recording_stored_at        Nullable(DateTime64(3, 'UTC')) AFTER recording_bytes,
    ADD COLUMN IF NOT EXISTS legal_hold                 Nullable(Bool) AFTER recording_stored_at;
