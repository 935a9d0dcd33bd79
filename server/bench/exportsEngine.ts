import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openPorts } from '../src/compose.ts'
import { loadConfig } from '../src/config.ts'
import { aiCalls } from '../src/features/exports/datasets/aiCalls.ts'
import { issueKey } from '../src/features/keys/issueKey.ts'
import { openLog } from '../src/log.ts'
import { sql } from '../src/store/postgres/postgres.ts'
import { reportPeriod } from './exports.ts'
import { fillCalls } from './fill.ts'
import { medianTime, timed } from './measure.ts'

// What must be done to a data folder while no server runs on it, in a process of its own. Arguments: `fill` (calls
// into the tables) or `report` (the engine's own time for the report), folder, calls. Tells its parent the seconds.
const [task, directory = '', calls = '0'] = process.argv.slice(2)
const config = loadConfig({ EARSHOT_DATA_DIR: directory, EARSHOT_LOG_LEVEL: 'error' })
const ports = await openPorts(config, openLog(config), () => {})

async function fill(): Promise<void> {
  await issueKey(ports, { account: 'bench', scopes: ['*'] })
  await fillCalls(ports.clickhouse, Number(calls))
  await ports.postgres.run(sql`
    INSERT INTO ingest_accounts (account_id, last_batch, last_seq, last_number)
    VALUES (1, ${Number(calls)}, ${Number(calls)}, ${Number(calls)})`)
}

/** The query that fills the job's selection, written by the engine into a file. */
async function report(): Promise<void> {
  const number = Number(calls)
  const bounds = { accountId: 1, watermark: { seq: number, number }, rowLimit: aiCalls.rowLimit }
  const { query, parameters } = aiCalls.plan(reportPeriod).select(bounds)
  const path = join(directory, 'report.csv')
  const columns =
    'number, ended_at, id, external_endpoint, identity, flow_version, outcome, duration_seconds, transfer_function, evaluation_status, evaluation_score, evaluation_confidence, classification, campaign_name, survey_score, total_rows'
  for await (const chunk of ports.clickhouse.stream(`SELECT ${columns} FROM (${query})`, 'CSVWithNames', parameters))
    void chunk
  await rm(path, { force: true })
}

const milliseconds = task === 'fill' ? await timed(fill) : await medianTime(report, 3)
await ports.close()
process.send?.({ seconds: milliseconds / 1000 })
process.disconnect?.()
