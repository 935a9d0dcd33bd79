import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Ports } from '../src/ports.ts'
import { systemContext } from '../src/context.ts'
import { ingestRecords } from '../src/features/ingest/ingestRecords.ts'
import { issueKey } from '../src/features/keys/issueKey.ts'
import { expireCalls } from '../src/features/retention/expireCalls.ts'
import { sql } from '../src/store/postgres/postgres.ts'
import { fillCalls, fillKeys, fillTurns, firstStartMs, yearMs } from './fill.ts'
import { quantile, timed, type BenchOptions, type Figure, type Result } from './measure.ts'
import { turnBatches } from './records.ts'
import { cpuSince, readCpu, startEngines, withApp, type ScaleEngines } from './scaleEngines.ts'

const turnsPerCall = 20
/** Between two requests of the sender beside retention. */
const pauseMs = 50
const turnsOfRequest = 50

/**
 * Deletes a fifth of the calls of one account, with 20 turns each, on server engines: alone, then another fifth while a
 * sender sends turns to the same account through the same process.
 */
export async function measureRetentionAlone({ scale, directory }: BenchOptions): Promise<Result> {
  const calls = Math.round(50_000 * scale)
  const engines = await startEngines(join(directory, 'retention'), 1, false)
  try {
    return await withApp(engines, async (ports) => {
      await fillAccount(ports, calls)
      await wait(10_000)
      const alone = await measureFifth(engines, ports, 1)
      const sender = startSender(ports)
      const beside = await measureFifth(engines, ports, 2)
      const waits = await sender()
      return {
        name: `retention: ${(calls / 5).toLocaleString('en-US')} of ${calls.toLocaleString('en-US')} calls with ${turnsPerCall} turns each`,
        figures: [
          ...alone,
          ...beside.map((figure) => ({ ...figure, label: `beside a sender, ${figure.label}` })),
          { label: 'requests of the sender', value: waits.length, unit: '' },
          { label: 'request of the sender, median', value: quantile(waits, 0.5), unit: 'ms' },
          { label: 'request of the sender, p99', value: quantile(waits, 0.99), unit: 'ms' },
          { label: 'request of the sender, longest', value: Math.max(...waits), unit: 'ms' },
        ],
      }
    })
  } finally {
    await engines.stop()
  }
}

async function fillAccount(ports: Ports, calls: number): Promise<void> {
  await issueKey(ports, { account: 'bench', scopes: ['*'] })
  await fillCalls(ports.clickhouse, calls)
  await fillTurns(ports.clickhouse, calls, calls * turnsPerCall)
  await fillKeys(ports.clickhouse, calls, calls * turnsPerCall)
  await ports.postgres.run(sql`
    INSERT INTO ingest_accounts (account_id, last_batch, last_seq, last_number)
    VALUES (1, ${Math.ceil((calls * turnsPerCall) / 1000)}, ${calls * turnsPerCall}, ${calls})`)
}

async function measureFifth(engines: ScaleEngines, ports: Ports, fifth: number): Promise<Figure[]> {
  const before = await countGone(ports)
  const own = process.cpuUsage()
  const cpu = readCpu(engines)
  const cutoff = firstStartMs + (yearMs * fifth) / 5
  const milliseconds = await timed(async () => {
    await expireCalls(systemContext(ports, 1, 'retention'), cutoff)
    await ports.recordLog.flush(1)
  })
  const used = cpuSince(cpu, readCpu(engines))
  const { user, system } = process.cpuUsage(own)
  const records = (await countGone(ports)) - before
  if (records === 0) throw new Error('Retention deleted nothing.')
  const each = (seconds: number): number => (seconds * 1e6) / records
  return [
    { label: 'records deleted', value: records, unit: '' },
    { label: 'deleted', value: (records * 1000) / milliseconds, unit: 'records/s' },
    { label: 'program', value: (user + system) / records, unit: 'µs of processor a record' },
    { label: 'ClickHouse', value: each(used.shards[0] ?? 0), unit: 'µs of processor a record' },
    { label: 'PostgreSQL', value: each(used.postgres), unit: 'µs of processor a record' },
  ]
}

async function countGone({ clickhouse }: Ports): Promise<number> {
  const [row] = await clickhouse.rows<{ gone: number }>(`
    SELECT
      (SELECT count() FROM calls FINAL WHERE account_id = 1 AND removed = 1)
        + (SELECT count() FROM turns FINAL WHERE account_id = 1 AND removed = 1) AS gone`)
  return row?.gone ?? 0
}

/** Sends turns, one request after the other; the function that it gives ends that, and gives how long each took. */
function startSender(ports: Ports): () => Promise<number[]> {
  const waits: number[] = []
  let isOver = false
  const run = async (): Promise<void> => {
    const [records = []] = turnBatches(0, 1)
    for (let from = 0; !isOver; from = (from + turnsOfRequest) % records.length) {
      const bytes = Buffer.from(JSON.stringify(records.slice(from, from + turnsOfRequest)))
      waits.push(await timed(() => send(ports, bytes)))
      await wait(pauseMs)
    }
  }
  const running = run()
  return async () => {
    isOver = true
    await running
    return waits
  }
}

async function send(ports: Ports, bytes: Buffer): Promise<void> {
  const { accepted } = await ingestRecords(systemContext(ports, 1, 'sender'), {
    collection: 'turns',
    body: { bytes, contentType: 'application/json', contentEncoding: undefined },
    skipsFaults: false,
    isDryRun: false,
    isAnnounced: true,
    idempotencyKey: undefined,
  })
  if (accepted !== turnsOfRequest) throw new Error(`Only ${accepted} turns were taken.`)
}
