import { openPorts } from '../src/compose.ts'
import { loadConfig } from '../src/config.ts'
import { issueKey } from '../src/features/keys/issueKey.ts'
import { openLog } from '../src/log.ts'
import { sql } from '../src/store/postgres/postgres.ts'
import { fillCalls, fillKeys, fillTurns } from './fill.ts'
import { medianTime, timed } from './measure.ts'

// What must be done to a data folder while no server runs on it, in a process of its own. Arguments: `fill` (calls,
// turns and keys into the tables) or a format (the engine's own time for all calls in it), folder, calls, turns. Tells
// its parent the seconds.
const [task = '', directory = '', calls = '0', turns = '0'] = process.argv.slice(2)
const config = loadConfig({ EARSHOT_DATA_DIR: directory, EARSHOT_LOG_LEVEL: 'error' })
const ports = await openPorts(config, openLog(config), () => {})

async function fill(): Promise<void> {
  const { clickhouse } = ports
  await issueKey(ports, { account: 'bench', scopes: ['*'] })
  await fillCalls(clickhouse, Number(calls))
  await fillTurns(clickhouse, Number(calls), Number(turns))
  await fillKeys(clickhouse, Number(calls), Number(turns))
  for (const table of ['calls', 'turns', 'record_keys']) await clickhouse.command(`OPTIMIZE TABLE ${table} FINAL`)
  await ports.postgres.run(sql`
    INSERT INTO ingest_accounts (account_id, last_batch, last_seq, last_number)
    VALUES (1, ${Number(calls)}, ${Math.max(Number(calls), Number(turns))}, ${Number(calls)})`)
}

async function dump(): Promise<void> {
  const statement = 'SELECT * FROM calls FINAL WHERE account_id = 1 AND removed = 0'
  for await (const chunk of ports.clickhouse.stream(statement, task)) void chunk
}

const milliseconds = task === 'fill' ? await timed(fill) : await medianTime(dump, 1)
await ports.close()
process.send?.({ seconds: milliseconds / 1000 })
process.disconnect?.()
