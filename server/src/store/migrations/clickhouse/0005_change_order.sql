-- Reading what changed. `seq` is the place in the account's change order; tables are ordered by what never changes, so
-- each keeps its places sorted beside its rows, with what finds the record in the table's own order. A reader takes the
-- places after its cursor from there and then reads those records alone, however many there are. Kept in the parts
-- themselves, the order goes with them in merges and backups; min-max ranges would end with the first merge of parts
-- that are ordered by call. An insert takes as long as before, the table a fifth more room.

ALTER TABLE calls MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild', lightweight_mutation_projection_mode = 'rebuild';
ALTER TABLE calls ADD PROJECTION IF NOT EXISTS change_order
(
    SELECT account_id, seq, number
    ORDER BY account_id, seq
);
ALTER TABLE calls MATERIALIZE PROJECTION change_order;

ALTER TABLE engagements MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild', lightweight_mutation_projection_mode = 'rebuild';
ALTER TABLE engagements ADD PROJECTION IF NOT EXISTS change_order
(
    SELECT account_id, seq, call_id
    ORDER BY account_id, seq
);
ALTER TABLE engagements MATERIALIZE PROJECTION change_order;

ALTER TABLE turns MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild', lightweight_mutation_projection_mode = 'rebuild';
ALTER TABLE turns ADD PROJECTION IF NOT EXISTS change_order
(
    SELECT account_id, seq, call_id
    ORDER BY account_id, seq
);
ALTER TABLE turns MATERIALIZE PROJECTION change_order;

ALTER TABLE reviews MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild', lightweight_mutation_projection_mode = 'rebuild';
ALTER TABLE reviews ADD PROJECTION IF NOT EXISTS change_order
(
    SELECT account_id, seq, call_id
    ORDER BY account_id, seq
);
ALTER TABLE reviews MATERIALIZE PROJECTION change_order;

ALTER TABLE evaluations MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild', lightweight_mutation_projection_mode = 'rebuild';
ALTER TABLE evaluations ADD PROJECTION IF NOT EXISTS change_order
(
    SELECT account_id, seq, call_id
    ORDER BY account_id, seq
);
ALTER TABLE evaluations MATERIALIZE PROJECTION change_order;

ALTER TABLE surveys MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild', lightweight_mutation_projection_mode = 'rebuild';
ALTER TABLE surveys ADD PROJECTION IF NOT EXISTS change_order
(
    SELECT account_id, seq, call_id
    ORDER BY account_id, seq
);
ALTER TABLE surveys MATERIALIZE PROJECTION change_order;

ALTER TABLE campaigns MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild', lightweight_mutation_projection_mode = 'rebuild';
ALTER TABLE campaigns ADD PROJECTION IF NOT EXISTS change_order
(
    SELECT account_id, seq, id
    ORDER BY account_id, seq
);
ALTER TABLE campaigns MATERIALIZE PROJECTION change_order;

ALTER TABLE call_centers MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild', lightweight_mutation_projection_mode = 'rebuild';
ALTER TABLE call_centers ADD PROJECTION IF NOT EXISTS change_order
(
    SELECT account_id, seq, id
    ORDER BY account_id, seq
);
ALTER TABLE call_centers MATERIALIZE PROJECTION change_order;

ALTER TABLE queues MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild', lightweight_mutation_projection_mode = 'rebuild';
ALTER TABLE queues ADD PROJECTION IF NOT EXISTS change_order
(
    SELECT account_id, seq, id
    ORDER BY account_id, seq
);
ALTER TABLE queues MATERIALIZE PROJECTION change_order;

ALTER TABLE agents MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild', lightweight_mutation_projection_mode = 'rebuild';
ALTER TABLE agents ADD PROJECTION IF NOT EXISTS change_order
(
    SELECT account_id, seq, id
    ORDER BY account_id, seq
);
ALTER TABLE agents MATERIALIZE PROJECTION change_order;

ALTER TABLE customers MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild', lightweight_mutation_projection_mode = 'rebuild';
ALTER TABLE customers ADD PROJECTION IF NOT EXISTS change_order
(
    SELECT account_id, seq, id
    ORDER BY account_id, seq
);
ALTER TABLE customers MATERIALIZE PROJECTION change_order;

-- Parts that came before their call stand under the hash of the call's id too, so that the call finds them when it comes.
ALTER TABLE record_keys
    MODIFY COLUMN collection Enum8('calls' = 1, 'engagements' = 2, 'turns' = 3, 'evaluations' = 4, 'surveys' = 5, 'reviews' = 6, 'endpoints' = 7, 'early' = 8);
