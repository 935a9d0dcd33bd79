-- A first look without any program: the changes of an Earshot, read by the DuckDB command line over HTTP.
--   duckdb -c ".read look.sql"
-- Put your address and key in. This reads the oldest 100,000 changes; to keep a copy up to date, use load.ts, which
-- follows the cursor that comes in the answer's headers.

INSTALL httpfs;
LOAD httpfs;

CREATE OR REPLACE SECRET earshot (
    TYPE http,
    BEARER_TOKEN 'ak_live_…',
    SCOPE 'http://127.0.0.1:8080'
);

-- A page is made as it is read, so it comes as a whole and not in ranges.
SET force_download = true;

CREATE OR REPLACE TABLE calls AS
SELECT * EXCLUDE (deleted)
FROM read_parquet('http://127.0.0.1:8080/v1/changes/calls?format=parquet&limit=100000')
WHERE NOT deleted;

SELECT
    date_trunc('day', startedAt) AS day,
    count(*) AS calls,
    round(avg(durationSeconds)) AS average_seconds,
    count(*) FILTER (escalated) AS escalated
FROM calls
GROUP BY ALL
ORDER BY day DESC
LIMIT 14;
