-- Repeated calls are counted by the external endpoint alone; until now the key table named it together with the internal one.
-- The hash is that of the program: the first 48 bits of SHA-256.
INSERT INTO record_keys (account_id, id_hash, collection, number, started_at, removed, batch)
SELECT
    account_id,
    reinterpretAsUInt64(reverse(substring(SHA256(concat(assumeNotNull(external_endpoint), ' ')), 1, 6))),
    'endpoints',
    number,
    started_at,
    0,
    batch
FROM calls FINAL
WHERE removed = 0
  AND external_endpoint != ''
  AND internal_endpoint != '';
