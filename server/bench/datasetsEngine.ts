import { statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { openPorts } from '../src/compose.ts'
import { loadConfig } from '../src/config.ts'
import { calls as callsDataset } from '../src/features/exports/datasets/calls.ts'
import { issueKey } from '../src/features/keys/issueKey.ts'
import { openLog } from '../src/log.ts'
import { sql } from '../src/store/postgres/postgres.ts'
import { fillCalls } from './fill.ts'
import { exportedColumns, exportedPeriod } from './formats.ts'
import { timed } from './measure.ts'

// What must be done to a data folder while no server runs on it, in a process of its own. Arguments: `days` (days of
// calls with engagements, turns and references), `calls` (a year of calls), or the name of a format (the engine's own dump
// of the calls), folder, calls. Tells its parent the seconds.
const [task = '', directory = '', count = '0'] = process.argv.slice(2)
const calls = Number(count)
const config = loadConfig({ EARSHOT_DATA_DIR: directory, EARSHOT_LOG_LEVEL: 'error' })
const ports = await openPorts(config, openLog(config), () => {})
const { clickhouse } = ports

/** Days of May 2026 that are filled; the calls are spread over them evenly. */
const days = 5
const firstMs = Date.UTC(2026, 4, 1)
const id = (index: string): string => `lower(hex(sipHash128(${index})))`

async function account(rows: number): Promise<void> {
  await issueKey(ports, { account: 'bench', scopes: ['*'] })
  await ports.postgres.run(sql`
    INSERT INTO ingest_accounts (account_id, last_batch, last_seq, last_number)
    VALUES (1, ${rows}, ${rows}, ${rows})`)
}

/** Half of the calls have two engagements, all have twenty turns, one in ten a review; parts arrive with their call. */
async function fillDays(): Promise<void> {
  await account(calls)
  const perDay = Math.ceil(calls / days)
  const gapMs = Math.floor(86_400_000 / perDay)
  for (let day = 0; day < days; day++) await fillDay(day * perDay, perDay, gapMs)
  const reference = (table: string, rows: number, columns: string) =>
    clickhouse.command(`INSERT INTO ${table} (account_id, id, name, ${columns}, meta, seq, created_at, updated_at, removed, batch)
      SELECT 1, concat('${table}-', toString(number)), concat('Name ', toString(number)), 'x', '', number, fromUnixTimestamp64Milli(0), fromUnixTimestamp64Milli(0), 0, 1
      FROM numbers(${rows})`)
  await reference('agents', 500, 'team')
  await reference('customers', 3 * calls, 'region')
}

async function fillDay(from: number, rows: number, gapMs: number): Promise<void> {
  const at = `fromUnixTimestamp64Milli(toInt64(${firstMs} + call * ${gapMs}), 'UTC')`
  const places = `'', call, ${at}, ${at}, 0, 1 + intDiv(call, 1000)`
  const insert = (table: string, columns: string, values: string, perCall: number, where = '1') =>
    clickhouse.command(`INSERT INTO ${table} (account_id, ${columns}, meta, seq, created_at, updated_at, removed, batch)
      WITH ${from} + intDiv(number, ${perCall}) AS call, number % ${perCall} AS part, cityHash64(number, 1) AS spread
      SELECT 1, ${values}, ${places}
      FROM numbers(${rows * perCall})
      WHERE ${where}`)
  await insert(
    'calls',
    'number, id, channel, direction, status, phase, started_at, ended_at, duration_seconds, agent_id, customer_id, outcome',
    `call + 1, ${id('call')}, 'phone', 'inbound', 'completed', 'DONE', ${at}, ${at} + toIntervalSecond(90), 90, concat('agents-', toString(call % 500)), concat('customers-', toString(cityHash64(call) % ${3 * calls})), 'completed'`,
    1,
  )
  await insert(
    'engagements',
    'id, call_id, started_at, agent_id, status, channel_type, topic, empathy',
    `concat(${id('call')}, '-', toString(part)), ${id('call')}, ${at} + toIntervalSecond(45 * part), concat('agents-', toString(spread % 500)), 'Completed', 'VOICE', 'Cobro', spread % 10`,
    2,
    'call % 2 = 0',
  )
  await insert(
    'turns',
    'id, call_id, participant, text, at, duration_ms, type, sentiment, confidence, language',
    `concat(${id('call')}, '-', toString(part)), ${id('call')}, if(part % 2 = 0, 'agent', 'customer'), concat('Veo que hay un ajuste por el cambio de plan que hizo en abril; se lo explico: ', toString(spread)), ${at} + toIntervalSecond(4 * part), 3500, 'Talk', 0.25, 0.93, 'es-CL'`,
    20,
  )
  await insert(
    'reviews',
    'id, call_id, turn_id, question_name, score',
    `concat(${id('call')}, '-r'), ${id('call')}, concat(${id('call')}, '-3'), '¿Saludó?', 1`,
    1,
    'call % 10 = 0',
  )
}

async function fillYear(): Promise<void> {
  await account(calls)
  // Exports do not search, and the engine would make indexes of words for minutes, in gigabytes of memory.
  await clickhouse.command('ALTER TABLE calls DROP INDEX call_words, DROP INDEX caller_parts')
  await fillCalls(clickhouse, calls)
  await untilMerged()
}

/** What the engine still has to merge would take memory and time while an export is measured. */
async function untilMerged(): Promise<void> {
  for (let quietSeconds = 0; quietSeconds < 3; quietSeconds++) {
    await wait(1000)
    const [merges] = await clickhouse.rows<{ running: number }>('SELECT count() AS running FROM system.merges')
    if (merges?.running !== 0) quietSeconds = -1
  }
}

/** The engine's own dump of what is exported into a file. */
async function dump(format: string): Promise<void> {
  const path = join(directory, 'dump')
  const columns = await callsDataset.plan(exportedPeriod).columns(clickhouse, '', undefined)
  const exported = columns.filter(({ header }) => exportedColumns.includes(header))
  await clickhouse.command(
    `INSERT INTO FUNCTION file({path:String}, ${format})
    SELECT ${exported.map((column) => column.sql).join(', ')}
    FROM calls FINAL
    WHERE account_id = 1
      AND removed = 0
    ORDER BY number`,
    { path },
  )
  if (statSync(path).size === 0) throw new Error('The dump is empty.')
  await rm(path)
}

const work = task === 'days' ? fillDays : task === 'calls' ? fillYear : () => dump(task)
const milliseconds = await timed(work)
await ports.close()
process.send?.({ seconds: milliseconds / 1000 })
process.disconnect?.()
