import { openPorts } from '../src/compose.ts'
import { loadConfig } from '../src/config.ts'
import { shownColumns } from '../src/features/calls/callColumns.ts'
import { issueKey } from '../src/features/keys/issueKey.ts'
import { openLog } from '../src/log.ts'
import { sql } from '../src/store/postgres/postgres.ts'
import { fillCalls, fillKeys, fillTurns, sampleIds } from './fill.ts'
import { rate } from './measure.ts'

// Fills a data folder with calls, two turns each, and their keys, then asks the engine for single calls by their key, as
// bare as can be: 16 callers, a query each. Arguments: folder, calls. Tells its parent the rate and ids to ask for.
const [directory = '', given = '0'] = process.argv.slice(2)
const calls = Number(given)
const config = loadConfig({ EARSHOT_DATA_DIR: directory, EARSHOT_LOG_LEVEL: 'error' })
const ports = await openPorts(config, openLog(config), () => {})

await issueKey(ports, { account: 'bench', scopes: ['*'] })
await fillCalls(ports.clickhouse, calls)
await fillTurns(ports.clickhouse, calls, calls * 2)
await fillKeys(ports.clickhouse, calls, calls * 2)
// As merges would have left them.
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

async function readForSeconds(seconds: number): Promise<number> {
  const end = performance.now() + seconds * 1000
  let reads = 0
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (performance.now() < end) {
        const number = 1 + ((reads++ * 7_919_111) % calls)
        await ports.clickhouse.rows(
          `SELECT ${shownColumns} FROM calls FINAL
           WHERE account_id = 1 AND removed = 0 AND number = {number:UInt64} SETTINGS max_threads = 1`,
          { number },
        )
      }
    }),
  )
  return reads
}

await readForSeconds(0.5)
const perSecond = rate(await readForSeconds(3), 3000)
const ids = await sampleIds(ports.clickhouse, calls, 20_000)
await ports.close()
// Many ids take a moment to go out.
process.send?.({ perSecond, ids }, () => process.disconnect())
