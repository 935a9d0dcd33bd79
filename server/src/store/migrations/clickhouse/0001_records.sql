-- Call data. Why it looks like this (measured with 5 million calls and 50 million turns; docs/storage.md has the figures):
--
-- * ReplacingMergeTree(batch): a record is written again whole, the highest batch stands. `batch` is the number of
--   the account's batch, so writing a batch again after a crash changes nothing. Reads use FINAL.
-- * No partitions, and no key with a field that can be corrected: a corrected start must not make a second row, and an
--   insert of one batch stays one part, which becomes visible as a whole.
-- * calls are ordered by (account_id, number): numbers follow time, so the feed is a range of the key, and min-max
--   indexes on the two times prune a period to its granules. 1,024 rows a granule, so that merging reads little.
-- * Everything of one call can live on one shard: calls by cityHash64(account_id, id), parts by cityHash64(account_id,
--   call_id), record_keys by the call as well. Parts are ordered by (account_id, call_id, …): one call's turns are one range.
-- * A call's row carries a copy of its evaluation and survey, kept by the writer: reports and analytics read one table.
-- * Strings are plain except where analytics group or filter: LowCardinality for all of them slowed reports down.
-- * fsync on insert and merge cost within noise, and let an acknowledged row survive the machine, not only the process.
--
-- `seq` is the record's place in its account's change order; `removed` is 1 for a deleted record, 2 for a turn that was
-- replaced; `meta` is JSON of what merging must know: revisions by field, which values are derived, which lists are empty.

CREATE TABLE IF NOT EXISTS calls
(
    account_id                              UInt32,
    number                                  UInt64,
    id                                      String,
    channel                                 LowCardinality(String),
    direction                               String,
    status                                  LowCardinality(String),
    outcome                                 LowCardinality(Nullable(String)),
    phase                                   String,
    started_at                              DateTime64(3, 'UTC'),
    ended_at                                Nullable(DateTime64(3, 'UTC')),
    duration_seconds                        Nullable(Float64),
    external_endpoint                       Nullable(String),
    internal_endpoint                       Nullable(String),
    identity                                Nullable(String),
    language                                Nullable(String),
    campaign_id                             LowCardinality(Nullable(String)),
    call_center_id                          LowCardinality(Nullable(String)),
    queue_id                                Nullable(String),
    agent_id                                LowCardinality(Nullable(String)),
    customer_id                             Nullable(String),
    engagement_id                           Nullable(String),
    flow_version                            Nullable(String),
    transfer_function                       Nullable(String),
    transfer_destination                    Nullable(String),
    requester_id                            Nullable(Int64),
    requester_name                          Nullable(String),
    tickets_created                         Array(Int64),
    tools_used                              Array(String),
    authenticated                           Bool,
    escalated                               Bool,
    sentiment                               Nullable(String),
    sentiment_score                         Nullable(Float64),
    tags                                    Array(String),
    keywords                                Array(String),
    topics                                  Array(String),
    resolved                                Nullable(Bool),
    incidents                               Nullable(Int64),
    word_cloud                              Array(Tuple(phrase String, freq Float64)),
    notes                                   Nullable(String),
    audio_channels                          Nullable(Int64),
    speaker_channels                        Nullable(Int64),
    agent_audio_channel                     Nullable(String),
    speech_session_id                       Nullable(String),
    voicebot_app_id                         Nullable(String),
    voicebot_session_id                     Nullable(String),
    originating_call_id                     Nullable(String),
    call_center_call_id                     Nullable(String),
    dtmf_events                             Array(Tuple(dtmf String, timestamp Float64, channel Nullable(String))),
    markers                                 Array(Tuple(time Float64, type String, note Nullable(String))),
    daily_repeat_calls                      Nullable(Int64),
    attributes                              Nullable(String),
    evaluation_status                       LowCardinality(Nullable(String)),
    evaluation_score                        Nullable(Float64),
    evaluation_category                     Nullable(String),
    evaluation_reason                       Nullable(String),
    evaluation_sub_reason                   Nullable(String),
    evaluation_confidence                   Nullable(Float64),
    evaluation_sentiment                    Nullable(String),
    evaluation_form_id                      Nullable(String),
    evaluation_review_status                Nullable(String),
    evaluation_review_notes                 Nullable(String),
    evaluation_evaluated_at                 Nullable(DateTime64(3, 'UTC')),
    has_evaluation                          Bool,
    survey_state                            LowCardinality(Nullable(String)),
    survey_completion_reason                Nullable(String),
    survey_score                            Nullable(Float64),
    survey_total_questions                  Nullable(Int64),
    survey_responses                        Array(Tuple(question String, answer Nullable(String), score Nullable(Float64))),
    survey_completed_at                     Nullable(DateTime64(3, 'UTC')),
    has_survey                              Bool,
    meta                                    String,
    seq                                     UInt64,
    created_at                              DateTime64(3, 'UTC'),
    updated_at                              DateTime64(3, 'UTC'),
    removed                                 UInt8,
    batch                                   UInt64,
    INDEX started_at_range started_at TYPE minmax GRANULARITY 1,
    INDEX ended_at_range ended_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(batch)
ORDER BY (account_id, number)
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

CREATE TABLE IF NOT EXISTS engagements
(
    account_id                              UInt32,
    id                                      String,
    call_id                                 String,
    agent_id                                Nullable(String),
    customer_id                             Nullable(String),
    external_id                             Nullable(String),
    name                                    Nullable(String),
    link                                    Nullable(String),
    conversation_started_at                 Nullable(DateTime64(3, 'UTC')),
    started_at                              Nullable(DateTime64(3, 'UTC')),
    ended_at                                Nullable(DateTime64(3, 'UTC')),
    conversation_id                         Nullable(String),
    conversation_external_id                Nullable(String),
    channel_type                            Nullable(String),
    direction                               Nullable(String),
    status                                  Nullable(String),
    type                                    Nullable(String),
    outcome_type                            Nullable(String),
    service_level                           Nullable(String),
    terminated_by                           Nullable(String),
    initiated_by                            Nullable(String),
    resolution                              Nullable(String),
    channel                                 Nullable(String),
    queue                                   Nullable(String),
    team                                    Nullable(String),
    department                              Nullable(String),
    outcome                                 Nullable(String),
    outcome_category                        Nullable(String),
    reason                                  Nullable(String),
    reason_category                         Nullable(String),
    case_name                               Nullable(String),
    platform                                Nullable(String),
    source                                  Nullable(String),
    language                                Nullable(String),
    channel_vendor                          Nullable(String),
    category                                Nullable(String),
    campaign                                Nullable(String),
    priority                                Nullable(String),
    menu_path                               Nullable(String),
    flow                                    Nullable(String),
    service                                 Nullable(String),
    company_contact                         Nullable(String),
    brand                                   Nullable(String),
    topic_category                          Nullable(String),
    topic                                   Nullable(String),
    attribute_01                            Nullable(String),
    attribute_02                            Nullable(String),
    attribute_03                            Nullable(String),
    attribute_04                            Nullable(String),
    agent_location                          Nullable(String),
    agent_role                              Nullable(String),
    agent_organization                      Nullable(String),
    external_agent_name                     Nullable(String),
    cost                                    Nullable(Float64),
    engagement_time                         Nullable(Float64),
    focus_time                              Nullable(Float64),
    hold_time                               Nullable(Float64),
    invitation_time                         Nullable(Float64),
    menu_time                               Nullable(Float64),
    preparation_time                        Nullable(Float64),
    wait_time                               Nullable(Float64),
    wrap_up_time                            Nullable(Float64),
    total_time                              Nullable(Float64),
    wait_for_customer_time                  Nullable(Float64),
    engagement_fact_01                      Nullable(Float64),
    engagement_fact_02                      Nullable(Float64),
    engagement_fact_03                      Nullable(Float64),
    order_agent_engagements                 Nullable(Int64),
    total_conversation_agent_engagements    Nullable(Int64),
    adaptability                            Nullable(Float64),
    adherence                               Nullable(Float64),
    clarity                                 Nullable(Float64),
    completeness                            Nullable(Float64),
    customer_satisfaction                   Nullable(Float64),
    empathy                                 Nullable(Float64),
    expressed_satisfaction                  Nullable(Float64),
    language_skills                         Nullable(Float64),
    persuasion                              Nullable(Float64),
    severity                                Nullable(Float64),
    understanding                           Nullable(Float64),
    meta                                    String,
    seq                                     UInt64,
    created_at                              DateTime64(3, 'UTC'),
    updated_at                              DateTime64(3, 'UTC'),
    removed                                 UInt8,
    batch                                   UInt64,
    INDEX id_filter id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(batch)
ORDER BY (account_id, call_id, id)
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

CREATE TABLE IF NOT EXISTS turns
(
    account_id                              UInt32,
    id                                      String,
    call_id                                 String,
    engagement_id                           Nullable(String),
    participant                             String,
    text                                    Nullable(String),
    at                                      DateTime64(3, 'UTC'),
    duration_ms                             Nullable(Float64),
    type                                    Nullable(String),
    origin                                  Nullable(String),
    category                                Nullable(String),
    sentiment                               Nullable(Float64),
    confidence                              Nullable(Float64),
    quality                                 Nullable(Float64),
    response_to                             Nullable(String),
    external_id                             Nullable(String),
    language                                Nullable(String),
    text_agent                              Nullable(String),
    text_customer                           Nullable(String),
    language_agent                          Nullable(String),
    language_customer                       Nullable(String),
    meta                                    String,
    seq                                     UInt64,
    created_at                              DateTime64(3, 'UTC'),
    updated_at                              DateTime64(3, 'UTC'),
    removed                                 UInt8,
    batch                                   UInt64,
    INDEX id_filter id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(batch)
ORDER BY (account_id, call_id, id)
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

CREATE TABLE IF NOT EXISTS reviews
(
    account_id                              UInt32,
    id                                      String,
    call_id                                 String,
    engagement_id                           Nullable(String),
    turn_id                                 Nullable(String),
    reviewer_id                             Nullable(String),
    reviewer_name                           Nullable(String),
    question_id                             Nullable(String),
    question_name                           Nullable(String),
    reviewed_at                             Nullable(DateTime64(3, 'UTC')),
    review_session_id                       Nullable(String),
    status                                  Nullable(String),
    sampling                                Nullable(String),
    type                                    Nullable(String),
    kind                                    Nullable(String),
    answer_id                               Nullable(String),
    answer_name                             Nullable(String),
    answer_reason_id                        Nullable(String),
    answer_reason                           Nullable(String),
    confidence                              Nullable(Float64),
    score                                   Nullable(Float64),
    answer_score                            Nullable(Float64),
    worst_score                             Nullable(Float64),
    best_score                              Nullable(Float64),
    comment                                 Nullable(String),
    comment_translated                      Nullable(String),
    comment_language                        Nullable(String),
    comment_translated_language             Nullable(String),
    verified                                Nullable(Bool),
    verified_by                             Nullable(String),
    verification_comment                    Nullable(String),
    answer_type                             Nullable(String),
    version                                 Nullable(String),
    form_id                                 Nullable(String),
    agent_id                                Nullable(String),
    meta                                    String,
    seq                                     UInt64,
    created_at                              DateTime64(3, 'UTC'),
    updated_at                              DateTime64(3, 'UTC'),
    removed                                 UInt8,
    batch                                   UInt64,
    INDEX id_filter id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(batch)
ORDER BY (account_id, call_id, id)
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

CREATE TABLE IF NOT EXISTS evaluations
(
    account_id                              UInt32,
    call_id                                 String,
    status                                  String,
    score                                   Nullable(Float64),
    category                                Nullable(String),
    reason                                  Nullable(String),
    sub_reason                              Nullable(String),
    confidence                              Nullable(Float64),
    sentiment                               Nullable(String),
    form_id                                 Nullable(String),
    review_status                           Nullable(String),
    review_notes                            Nullable(String),
    evaluated_at                            Nullable(DateTime64(3, 'UTC')),
    meta                                    String,
    seq                                     UInt64,
    created_at                              DateTime64(3, 'UTC'),
    updated_at                              DateTime64(3, 'UTC'),
    removed                                 UInt8,
    batch                                   UInt64
)
ENGINE = ReplacingMergeTree(batch)
ORDER BY (account_id, call_id)
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

CREATE TABLE IF NOT EXISTS surveys
(
    account_id                              UInt32,
    call_id                                 String,
    state                                   Nullable(String),
    completion_reason                       Nullable(String),
    score                                   Nullable(Float64),
    total_questions                         Nullable(Int64),
    responses                               Array(Tuple(question String, answer Nullable(String), score Nullable(Float64))),
    completed_at                            Nullable(DateTime64(3, 'UTC')),
    meta                                    String,
    seq                                     UInt64,
    created_at                              DateTime64(3, 'UTC'),
    updated_at                              DateTime64(3, 'UTC'),
    removed                                 UInt8,
    batch                                   UInt64
)
ENGINE = ReplacingMergeTree(batch)
ORDER BY (account_id, call_id)
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

CREATE TABLE IF NOT EXISTS campaigns
(
    account_id                              UInt32,
    id                                      String,
    name                                    String,
    description                             Nullable(String),
    type                                    Nullable(String),
    status                                  Nullable(String),
    meta                                    String,
    seq                                     UInt64,
    created_at                              DateTime64(3, 'UTC'),
    updated_at                              DateTime64(3, 'UTC'),
    removed                                 UInt8,
    batch                                   UInt64
)
ENGINE = ReplacingMergeTree(batch)
ORDER BY (account_id, id)
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

CREATE TABLE IF NOT EXISTS call_centers
(
    account_id                              UInt32,
    id                                      String,
    name                                    String,
    meta                                    String,
    seq                                     UInt64,
    created_at                              DateTime64(3, 'UTC'),
    updated_at                              DateTime64(3, 'UTC'),
    removed                                 UInt8,
    batch                                   UInt64
)
ENGINE = ReplacingMergeTree(batch)
ORDER BY (account_id, id)
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

CREATE TABLE IF NOT EXISTS queues
(
    account_id                              UInt32,
    id                                      String,
    name                                    String,
    meta                                    String,
    seq                                     UInt64,
    created_at                              DateTime64(3, 'UTC'),
    updated_at                              DateTime64(3, 'UTC'),
    removed                                 UInt8,
    batch                                   UInt64
)
ENGINE = ReplacingMergeTree(batch)
ORDER BY (account_id, id)
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

CREATE TABLE IF NOT EXISTS agents
(
    account_id                              UInt32,
    id                                      String,
    name                                    String,
    email                                   Nullable(String),
    external_id                             Nullable(String),
    user_id                                 Nullable(String),
    status                                  Nullable(String),
    type                                    Nullable(String),
    hourly_cost                             Nullable(Float64),
    engagement_cost                         Nullable(Float64),
    team                                    Nullable(String),
    department                              Nullable(String),
    location                                Nullable(String),
    organization                            Nullable(String),
    role                                    Nullable(String),
    manager_name                            Nullable(String),
    meta                                    String,
    seq                                     UInt64,
    created_at                              DateTime64(3, 'UTC'),
    updated_at                              DateTime64(3, 'UTC'),
    removed                                 UInt8,
    batch                                   UInt64
)
ENGINE = ReplacingMergeTree(batch)
ORDER BY (account_id, id)
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

CREATE TABLE IF NOT EXISTS customers
(
    account_id                              UInt32,
    id                                      String,
    name                                    Nullable(String),
    external_id                             Nullable(String),
    link                                    Nullable(String),
    type                                    Nullable(String),
    category                                Nullable(String),
    segment                                 Nullable(String),
    organization                            Nullable(String),
    region                                  Nullable(String),
    country                                 Nullable(String),
    state                                   Nullable(String),
    contacts                                Array(String),
    meta                                    String,
    seq                                     UInt64,
    created_at                              DateTime64(3, 'UTC'),
    updated_at                              DateTime64(3, 'UTC'),
    removed                                 UInt8,
    batch                                   UInt64
)
ENGINE = ReplacingMergeTree(batch)
ORDER BY (account_id, id)
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;

-- Which ids there are, by hash: one probe of a batch finds the calls' numbers, what came before its call, ids that are
-- taken, and the calls between two endpoints with their starts. id_hash is the 48-bit hash that the program makes; ids
-- that share one are told apart by the records behind it. Small granules, because a batch probes thousands of places.
CREATE TABLE IF NOT EXISTS record_keys
(
    account_id                              UInt32,
    id_hash                                 UInt64,
    collection                              Enum8('calls' = 1, 'engagements' = 2, 'turns' = 3, 'evaluations' = 4, 'surveys' = 5, 'reviews' = 6, 'endpoints' = 7),
    number                                  UInt64,
    started_at                              DateTime64(3, 'UTC'),
    removed                                 UInt8,
    batch                                   UInt64
)
ENGINE = ReplacingMergeTree(batch)
ORDER BY (account_id, id_hash, collection, number)
SETTINGS index_granularity = 1024, min_compress_block_size = 4096, fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1;
