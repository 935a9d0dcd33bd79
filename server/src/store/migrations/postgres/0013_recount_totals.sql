-- Durations and scores are rounded to whole milliseconds and millionths by the digits that they were sent with. Totals that were
-- added up before may differ by one here and there, and are worked out anew.
UPDATE call_days
SET totals_batch = 0;
