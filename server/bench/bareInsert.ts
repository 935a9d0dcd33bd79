import { join } from 'node:path'
import { Session } from 'chdb'
import { checkRecord } from '../src/domain/checkRecord.ts'
import { collectionNamed } from '../src/domain/collections/all.ts'
import { mergeRecord } from '../src/domain/mergeRecord.ts'
import { fullShape } from '../src/recordLog/rows/rowFormat.ts'
import type { StoredRecord } from '../src/recordLog/storedRecord.ts'
import { openEmbeddedClickHouse } from '../src/store/clickhouse/embeddedClickHouse.ts'
import { readFileSync } from 'node:fs'
import { statementsOf } from '../src/store/migrate.ts'
import { rate, timed } from './measure.ts'
import { callBatches, turnBatches } from './records.ts'

// The bare engine, in a process of its own: the rows that the server ends up writing, as JSONEachRow into the same
// table, and nothing else. Arguments: folder, collection, senders, batches of each. Tells its parent the rate.
const [directory = '', name = '', senders = '3', batches = '4'] = process.argv.slice(2)
const migration = readFileSync(join(import.meta.dirname, '../src/store/migrations/clickhouse/0001_records.sql'), 'utf8')

function requireCollection() {
  const collection = collectionNamed(name)
  if (!collection) throw new Error(`There is no collection ${name}.`)
  return collection
}

const collection = requireCollection()
const shape = fullShape(collection)

/** The rows of a sender's batches, merged as the server merges them; absent values are left out, which is faster. */
function* rowsOf(sender: number): Generator<Buffer> {
  const known = new Map<string, StoredRecord>()
  const source = name === 'calls' ? callBatches : turnBatches
  let number = sender * 10_000_000
  let batch = 0
  for (const records of source(sender, Number(batches))) {
    batch++
    const lines = records.map((sent) => {
      const write = checkRecord(collection, sent)
      if (Array.isArray(write)) throw new Error(JSON.stringify(write))
      const before = known.get(write.key)
      const merged = mergeRecord(before, write)
      const record: StoredRecord = {
        collection,
        key: write.key,
        callId: String(write.set['callId']),
        values: merged.values,
        revisions: merged.revisions,
        derived: collection.derive(merged.values),
        number: before?.number ?? ++number,
        seq: ++number,
        firstSeq: before?.firstSeq ?? number,
        createdAt: 1_780_000_000_000,
        updatedAt: 1_780_000_000_000,
        removed: 0,
        evaluation: undefined,
        survey: undefined,
        reached: 0,
        knownEndpoint: undefined,
        isEarly: false,
        hasKey: false,
        rowBytes: 0,
      }
      known.set(write.key, record)
      const cells: unknown[] = JSON.parse(shape.encode(record, 1, batch))
      return JSON.stringify(
        Object.fromEntries(
          shape.columns.map((column, index) => [column, cells[index]]).filter(([, cell]) => cell !== null),
        ),
      )
    })
    yield Buffer.from(`${lines.join('\n')}\n`)
  }
}

const schema = openEmbeddedClickHouse(directory, 0)
for (const statement of statementsOf(migration)) await schema.command(statement)

const bodies = Array.from({ length: Number(senders) }, (_, sender) => [...rowsOf(sender)])
const sessions = bodies.map(() => new Session(directory))
const milliseconds = await timed(() =>
  Promise.all(
    bodies.map(async (own, sender) => {
      for (const values of own)
        await sessions[sender]?.insert({ table: collection.table, values, format: 'JSONEachRow' })
    }),
  ),
)
const rows = bodies.flat().length * 10_000
process.send?.({ rate: rate(rows, milliseconds) })
for (const session of sessions) session.close()
await schema.close()
process.disconnect?.()
