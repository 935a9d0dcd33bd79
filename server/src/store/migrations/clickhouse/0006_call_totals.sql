-- What analytics add up, worked out for each UTC day on which calls ended, whenever the day changed. PostgreSQL's call_days
-- says which version of a day counts; the others are left over and removed in the background. An absent id is ''.
-- Everything is a whole number, so that no order of adding makes a difference: scores in millionths, durations in
-- milliseconds.
--
-- day_totals answer whatever does not tell agents apart, and agent_totals what does. quarter_totals split the days at
-- which a period or a local day begins or ends: every zone's offset is a multiple of 15 minutes. They are ordered by the
-- quarter of an hour first (0 to 95), because such a day's shorter side is read from many days at once.

CREATE TABLE IF NOT EXISTS day_totals
(
    account_id               UInt32,
    day                      Int32,
    version                  Int64,
    campaign_id              LowCardinality(String),
    call_center_id           LowCardinality(String),
    engagement_id            LowCardinality(String),
    calls                    Int64,
    evaluations              Int64,
    completed_evaluations    Int64,
    score_millionths         Int64,
    scored_evaluations       Int64,
    positive_evaluations     Int64,
    neutral_evaluations      Int64,
    negative_evaluations     Int64,
    duration_milliseconds    Int64,
    timed_calls              Int64,
    escalated_calls          Int64,
    resolved_calls           Int64,
    known_resolutions        Int64,
    abandoned_calls          Int64,
    transferred_calls        Int64,
    authenticated_calls      Int64,
    repeat_calls             Int64,
    surveys                  Int64,
    answered_surveys         Int64,
    completed_surveys        Int64,
    survey_score_millionths  Int64,
    scored_surveys           Int64
)
ENGINE = MergeTree
ORDER BY (account_id, day, version, campaign_id)
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

CREATE TABLE IF NOT EXISTS agent_totals
(
    account_id               UInt32,
    day                      Int32,
    version                  Int64,
    campaign_id              LowCardinality(String),
    call_center_id           LowCardinality(String),
    engagement_id            LowCardinality(String),
    agent_id                 LowCardinality(String),
    calls                    Int64,
    evaluations              Int64,
    completed_evaluations    Int64,
    score_millionths         Int64,
    scored_evaluations       Int64,
    positive_evaluations     Int64,
    neutral_evaluations      Int64,
    negative_evaluations     Int64,
    duration_milliseconds    Int64,
    timed_calls              Int64,
    escalated_calls          Int64,
    resolved_calls           Int64,
    known_resolutions        Int64,
    abandoned_calls          Int64,
    transferred_calls        Int64,
    authenticated_calls      Int64,
    repeat_calls             Int64,
    surveys                  Int64,
    answered_surveys         Int64,
    completed_surveys        Int64,
    survey_score_millionths  Int64,
    scored_surveys           Int64
)
ENGINE = MergeTree
ORDER BY (account_id, day, version, agent_id)
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

CREATE TABLE IF NOT EXISTS quarter_totals
(
    account_id               UInt32,
    quarter                  UInt8,
    day                      Int32,
    version                  Int64,
    campaign_id              LowCardinality(String),
    call_center_id           LowCardinality(String),
    engagement_id            LowCardinality(String),
    calls                    Int64,
    evaluations              Int64,
    completed_evaluations    Int64,
    score_millionths         Int64,
    scored_evaluations       Int64,
    positive_evaluations     Int64,
    neutral_evaluations      Int64,
    negative_evaluations     Int64,
    duration_milliseconds    Int64,
    timed_calls              Int64,
    escalated_calls          Int64,
    resolved_calls           Int64,
    known_resolutions        Int64,
    abandoned_calls          Int64,
    transferred_calls        Int64,
    authenticated_calls      Int64,
    repeat_calls             Int64,
    surveys                  Int64,
    answered_surveys         Int64,
    completed_surveys        Int64,
    survey_score_millionths  Int64,
    scored_surveys           Int64
)
ENGINE = MergeTree
ORDER BY (account_id, quarter, day, version, campaign_id)
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;
