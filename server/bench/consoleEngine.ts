import { openPorts } from '../src/compose.ts'
import { loadConfig } from '../src/config.ts'
import { rebuildDayTotals } from '../src/features/analytics/rebuildDayTotals.ts'
import { issueKey } from '../src/features/keys/issueKey.ts'
import { openLog } from '../src/log.ts'
import { sql } from '../src/store/postgres/postgres.ts'
import { fillCalls, fillKeys, fillTurns } from './fill.ts'

// Fills a data folder with calls that have two turns each, what they name, and the totals of their days, as a server
// would have left them. Arguments: folder, calls.
const [directory = '', given = '0'] = process.argv.slice(2)
const calls = Number(given)
const config = loadConfig({ EARSHOT_DATA_DIR: directory, EARSHOT_LOG_LEVEL: 'error' })
const ports = await openPorts(config, openLog(config), () => {})

await issueKey(ports, { account: 'bench', scopes: ['*'] })
await fillCalls(ports.clickhouse, calls)
await fillTurns(ports.clickhouse, calls, calls * 2)
await fillKeys(ports.clickhouse, calls, calls * 2)
for (const [table, id, name, count] of [
  ['agents', 'agent', 'Agente', 200],
  ['campaigns', 'campaign', 'Campaña', 20],
  ['call_centers', 'center', 'Centro', 5],
] as const) {
  await ports.clickhouse.command(`
    INSERT INTO ${table} (account_id, id, name, seq, created_at, updated_at, batch)
    SELECT 1, concat('${id}-', toString(number)), concat('${name} ', toString(number)), number, now64(3), now64(3), 1
    FROM numbers(${count})`)
}
for (const index of [
  'calls MATERIALIZE INDEX call_words',
  'calls MATERIALIZE INDEX caller_parts',
  'turns MATERIALIZE INDEX turn_words',
]) {
  await ports.clickhouse.command(`ALTER TABLE ${index} SETTINGS mutations_sync = 2`)
}
await ports.postgres.run(sql`
  INSERT INTO ingest_accounts (account_id, last_batch, last_seq, last_number)
  VALUES (1, ${calls}, ${calls}, ${calls})`)
await rebuildDayTotals(ports, new Map())
await ports.close()
