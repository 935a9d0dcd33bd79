import { buildServer, closeServer, listen } from '../src/api/http/server.ts'
import { surfaces } from '../src/api/surfaces.ts'
import { openPorts } from '../src/compose.ts'
import type { Ports } from '../src/ports.ts'
import { loadConfig } from '../src/config.ts'
import { rebuildDayTotals } from '../src/features/analytics/rebuildDayTotals.ts'
import { issueKey } from '../src/features/keys/issueKey.ts'
import { openLog } from '../src/log.ts'
import { sql } from '../src/store/postgres/postgres.ts'
import type { AnalyticsTimes } from './analytics.ts'
import { postgresTimes } from './analyticsPostgres.ts'
import { fillCalls } from './fill.ts'
import { quantile, timed } from './measure.ts'

// One engine lives in one process, so that each size is measured in a process of its own.

const [, , directory = '', size = '', compares = ''] = process.argv
const year = 'dateFrom=2026-01-01&dateTo=2026-12-31'

/** What is asked, by the name under which it is reported. */
const requests: Record<string, string> = {
  summary: `summary?${year}`,
  campaigns: `campaigns?${year}`,
  executives: `executives?${year}`,
  'daily trend': `trends?${year}`,
  'daily trend in Santiago': `trends?${year}&timezone=America/Santiago`,
  'summary of a campaign': `summary?${year}&campaignId=campaign-7`,
  'weekly trend of a quarter': 'trends?granularity=weekly&dateFrom=2026-04-01&dateTo=2026-06-30',
  'daily trend with percentiles': `trends?${year}&metrics=medianDurationSeconds,p90DurationSeconds,p95DurationSeconds`,
  'most calls at once': `summary?${year}&metrics=peakConcurrentCalls`,
  'daily trend of a tag': `trends?${year}&tag=tag7`,
}

const chosen = `FROM calls FINAL
  WHERE account_id = 1
    AND removed = 0
    AND status != 'active'
    AND ended_at >= toDateTime64('2026-01-01 00:00:00', 3, 'UTC')
    AND ended_at < toDateTime64('2027-01-01 00:00:00', 3, 'UTC')`

/** The engine's own queries for what is read from the calls. */
const bare: Record<string, string> = {
  'daily trend with percentiles': `SELECT toDate(ended_at) AS day, quantilesExactInclusive(0.5, 0.9, 0.95)(duration_seconds) ${chosen} GROUP BY day`,
  'most calls at once': `SELECT maxIntersections(toUnixTimestamp64Milli(started_at), toUnixTimestamp64Milli(assumeNotNull(ended_at))) ${chosen}`,
  'daily trend of a tag': `SELECT toDate(ended_at) AS day, count(), countIf(has_evaluation), countIf(evaluation_status = 'evaluated'),
    avgIf(evaluation_score, evaluation_status = 'evaluated'), countIf(evaluation_sentiment = 'positive'), countIf(evaluation_sentiment = 'neutral'),
    countIf(evaluation_sentiment = 'negative'), avg(duration_seconds), avg(escalated), avg(resolved)
    ${chosen} AND has(tags, 'tag7') GROUP BY day`,
}

const runs = 40

async function measure(ports: Ports): Promise<AnalyticsTimes> {
  const calls = Number(size)
  const key = await issueKey(ports, { account: 'bench', scopes: ['*'] })
  await fillCalls(ports.clickhouse, calls)
  await ports.postgres.run(sql`
    INSERT INTO ingest_accounts (account_id, last_batch, last_seq, last_number)
    VALUES (1, ${Math.ceil(calls / 1000)}, ${calls}, ${calls})`)
  const rebuildMs = await timed(() => rebuildDayTotals(ports, new Map()))
  const server = await buildServer(ports, surfaces)
  const url = await listen(server, ports.config)
  const ask = async (path: string): Promise<void> => {
    const answer = await fetch(`${url}/v1/analytics/${path}`, { headers: { Authorization: `Bearer ${key.apiKey}` } })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${path} answers ${answer.status}: ${text}`)
  }
  try {
    const answers: AnalyticsTimes['answers'] = {}
    for (const [name, path] of Object.entries(requests))
      answers[name] = await percentiles(() => ask(path), name in bare ? 7 : runs)
    const engine: AnalyticsTimes['engine'] = {}
    for (const [name, query] of Object.entries(bare)) {
      engine[name] = await percentiles(() => ports.clickhouse.rows(query), 7)
    }
    const postgres = compares === 'postgres' ? await postgresTimes(ports) : {}
    return { rebuildMs, answers, engine, postgres }
  } finally {
    await closeServer(server)
  }
}

/** After three that warm up. */
async function percentiles(work: () => Promise<unknown>, count: number): Promise<{ p50: number; p95: number }> {
  for (let run = 0; run < 3; run++) await work()
  const times: number[] = []
  for (let run = 0; run < count; run++) times.push(await timed(work))
  return { p50: quantile(times, 0.5), p95: quantile(times, 0.95) }
}

const config = loadConfig({
  EARSHOT_PORT: '0',
  EARSHOT_DATA_DIR: directory,
  EARSHOT_LOG_LEVEL: 'error',
  EARSHOT_RATE_LIMIT: '0',
  EARSHOT_MIN_FREE_BYTES: '0',
})
const ports = await openPorts(config, openLog(config), () => {})
try {
  const times = await measure(ports)
  process.send?.(times)
} finally {
  await ports.close()
  process.disconnect?.()
}
