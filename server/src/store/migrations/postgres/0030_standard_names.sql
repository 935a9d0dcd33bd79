-- Columns are named by the standard terms of the glossary in CONVENTIONS.md.
ALTER TABLE ingest_batches RENAME COLUMN writer TO process_id;
ALTER TABLE legal_holds RENAME COLUMN is_settled TO is_synced;
