-- The place in the change order at which a part was first sent: it stays when the part is corrected, replaced or brought
-- back, so that parts which time does not tell apart keep their order. Of rows from before, the place that they have now.
ALTER TABLE engagements ADD COLUMN IF NOT EXISTS first_seq UInt64 DEFAULT seq AFTER seq;
ALTER TABLE turns ADD COLUMN IF NOT EXISTS first_seq UInt64 DEFAULT seq AFTER seq;
ALTER TABLE reviews ADD COLUMN IF NOT EXISTS first_seq UInt64 DEFAULT seq AFTER seq;
