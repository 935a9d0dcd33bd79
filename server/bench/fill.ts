import type { ClickHouse } from '../src/store/clickhouse/clickhouse.ts'

// Believable rows straight into the tables, made by the engine: ids are random, times follow numbers, a call in ten
// was corrected in its start, two thirds have an evaluation, a third a survey, a batch holds 1,000 calls.

/** The year that the calls are spread over, whatever their count. */
export const yearMs = 365 * 24 * 60 * 60 * 1000
export const firstStartMs = Date.UTC(2026, 0, 1)

const atOnce = 1_000_000
const utterances = [
  'Buenos días, le habla Camila, ¿en qué le puedo ayudar?',
  'Llamo porque me llegó una boleta mucho más alta que la del mes pasado y quiero saber por qué.',
  'Déjeme revisar su cuenta, por favor. ¿Me confirma su RUT?',
  'Sí, claro.',
  'Veo que hay un ajuste por el cambio de plan que hizo en abril; se lo explico en detalle.',
]

/** An id that says nothing of its place; `index` is an expression. */
const idOf = (index: string): string => `lower(hex(sipHash128(${index})))`
const keyOf = (id: string): string => `reinterpretAsUInt64(reverse(substring(SHA256(${id}), 1, 6)))`
const oneOf = (values: string[], index: string): string =>
  `[${values.map((value) => `'${value}'`).join(', ')}][1 + ${index} % ${values.length}]`

/** The columns of a call number `number + 1` and what they hold; `spread` is a random number of the row. */
function callColumns(calls: number): Record<string, string> {
  const gapMs = Math.max(1, Math.floor(yearMs / calls))
  const startedAt = `fromUnixTimestamp64Milli(toInt64(${firstStartMs} + number * ${gapMs}
    + if(spread % 10 = 0, toInt64(spread % 86400000) - 43200000, 0)), 'UTC')`
  const isEvaluated = 'spread % 3 != 0'
  return {
    account_id: '1',
    number: 'number + 1',
    id: idOf('number'),
    channel: "'phone'",
    direction: "if(spread % 9 = 0, 'outbound', 'inbound')",
    status: oneOf(['completed', 'completed', 'completed', 'escalated', 'abandoned'], 'spread'),
    outcome: oneOf(['completed', 'transferred', 'no_answer', 'callback'], 'spread'),
    phase: "'DONE'",
    started_at: startedAt,
    ended_at: `${startedAt} + toIntervalSecond(20 + spread % 600)`,
    duration_seconds: '20 + spread % 600',
    external_endpoint: "concat('+569', toString(10000000 + spread % 400000))",
    internal_endpoint: "concat('+5622', toString(400000 + spread % 20))",
    identity: "concat(toString(spread % 20000000), '-', toString(spread % 10))",
    language: "'es-CL'",
    campaign_id: "concat('campaign-', toString(spread % 20))",
    call_center_id: "concat('center-', toString(spread % 5))",
    queue_id: "concat('queue-', toString(spread % 30))",
    agent_id: "concat('agent-', toString(spread % 200))",
    customer_id: "concat('customer-', toString(spread % 300000))",
    flow_version: "concat('v', toString(spread % 7))",
    escalated: 'spread % 5 = 3',
    sentiment: oneOf(['positive', 'neutral', 'negative'], 'spread'),
    tags: "[concat('tag', toString(spread % 50)), concat('tag', toString(spread % 49))]",
    topics: "[concat('topic', toString(spread % 40))]",
    resolved: 'spread % 3 != 0',
    notes:
      "concat('Cliente consulta por el cobro del mes ', toString(spread), '; se explica el detalle y se ofrece pago en dos cuotas.')",
    attributes: `concat('{"plan":"plan ', toString(spread % 12), '","visits":', toString(spread % 30), '}')`,
    evaluation_status: `if(${isEvaluated}, 'evaluated', NULL)`,
    evaluation_score: `if(${isEvaluated}, (spread % 101) / 10, NULL)`,
    evaluation_category: `if(${isEvaluated}, concat('Categoría ', toString(spread % 12)), NULL)`,
    evaluation_reason: `if(${isEvaluated}, concat('Motivo ', toString(spread % 60)), NULL)`,
    evaluation_confidence: `if(${isEvaluated}, spread % 101, NULL)`,
    has_evaluation: isEvaluated,
    survey_state: "if(spread % 3 = 1, 'Completed', NULL)",
    survey_score: 'if(spread % 3 = 1, 1 + spread % 7, NULL)',
    survey_total_questions: 'if(spread % 3 = 1, 2, NULL)',
    survey_responses:
      "if(spread % 3 = 1, [('¿Se resolvió su consulta?', 'Sí', toFloat64(1)), ('¿Qué nota le pone?', toString(1 + spread % 7), NULL)], [])",
    has_survey: 'spread % 3 = 1',
    meta: `'{"d":["direction","phase","authenticated","escalated","endedAt","dailyRepeatCalls"]}'`,
    seq: 'number + 1',
    created_at: startedAt,
    updated_at: startedAt,
    removed: '0',
    batch: '1 + intDiv(number, 1000)',
  }
}

function turnColumns(calls: number): Record<string, string> {
  const gapMs = Math.max(1, Math.floor(yearMs / calls))
  const call = 'intDiv(number, 20)'
  return {
    account_id: '1',
    id: `concat(${idOf(call)}, '-', toString(number % 20))`,
    call_id: idOf(call),
    participant: "if(number % 2 = 0, 'agent', 'customer')",
    text: oneOf(utterances, 'spread'),
    at: `fromUnixTimestamp64Milli(toInt64(${firstStartMs} + ${call} * ${gapMs} + number % 20 * 4000), 'UTC')`,
    duration_ms: '3500',
    type: "'speech'",
    sentiment: '(toInt64(spread % 200) - 100) / 100',
    confidence: '0.93',
    language: "'es-CL'",
    seq: 'number + 1',
    created_at: `fromUnixTimestamp64Milli(toInt64(${firstStartMs}), 'UTC')`,
    updated_at: `fromUnixTimestamp64Milli(toInt64(${firstStartMs}), 'UTC')`,
    removed: '0',
    batch: '1 + intDiv(number, 20000)',
  }
}

function keyColumns(collection: 'calls' | 'turns'): Record<string, string> {
  const turnId = `concat(${idOf('intDiv(number, 20)')}, '-', toString(number % 20))`
  return {
    account_id: '1',
    id_hash: keyOf(collection === 'calls' ? idOf('number') : turnId),
    collection: `'${collection}'`,
    number: collection === 'calls' ? 'number + 1' : '0',
    removed: '0',
    batch: `1 + intDiv(number, ${collection === 'calls' ? 1000 : 20_000})`,
  }
}

export async function fillCalls(clickhouse: ClickHouse, calls: number, table = 'calls'): Promise<void> {
  await fill(clickhouse, table, callColumns(calls), calls)
}

export async function fillTurns(clickhouse: ClickHouse, calls: number, turns: number): Promise<void> {
  await fill(clickhouse, 'turns', turnColumns(calls), turns)
}

export async function fillKeys(clickhouse: ClickHouse, calls: number, turns: number): Promise<void> {
  await fill(clickhouse, 'record_keys', keyColumns('calls'), calls)
  await fill(clickhouse, 'record_keys', keyColumns('turns'), turns)
}

/** Rows `from` to `from + count` of the calls, as one insert. */
export function insertOfCalls(table: string, calls: number, from: number, count: number): string {
  return insertOf(table, callColumns(calls), from, count)
}

async function fill(
  clickhouse: ClickHouse,
  table: string,
  columns: Record<string, string>,
  rows: number,
): Promise<void> {
  for (let from = 0; from < rows; from += atOnce) {
    await clickhouse.command(insertOf(table, columns, from, Math.min(atOnce, rows - from)))
  }
}

function insertOf(table: string, columns: Record<string, string>, from: number, count: number): string {
  return `INSERT INTO ${table} (${Object.keys(columns).join(', ')})
    WITH cityHash64(number, 1) AS spread
    SELECT ${Object.values(columns).join(',\n')}
    FROM numbers(${from}, ${count})`
}

/** The id of a call, as the engine makes it, and 10,000 ids of calls from all over. */
export async function sampleIds(clickhouse: ClickHouse, calls: number, count: number): Promise<string[]> {
  const rows = await clickhouse.rows<{ id: string }>(
    `SELECT ${idOf('toUInt64(cityHash64(number, 7) % {calls:UInt64})')} AS id FROM numbers({count:UInt64})`,
    { calls, count },
  )
  return rows.map((row) => row.id)
}
