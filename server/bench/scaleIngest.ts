import { setTimeout as wait } from 'node:timers/promises'
import { loadConfig } from '../src/config.ts'
import { openControl } from '../src/control.ts'
import type { Control } from '../src/ports.ts'
import { openLog } from '../src/log.ts'
import { sql } from '../src/store/postgres/postgres.ts'
import { rate } from './measure.ts'
import { callBatches, ndjson, turnBatches } from './records.ts'
import { cpuSince, readCpu, total, type CpuSeconds, type ScaleEngines } from './scaleEngines.ts'
import type { ServerProcess } from './serverProcess.ts'
import { headOf, Wire } from './wire.ts'

/** What taking one record in costs, the merging that it starts included. */
export interface IngestCost {
  records: number
  requests: number
  /** Records a second until all can be read; the client shares the machine. */
  perSecond: number
  engineMicroseconds: number
  postgresMicroseconds: number
  programMicroseconds: number
  walBytes: number
  sentBytes: number
}

export interface IngestLoad {
  collection: 'calls' | 'turns'
  senders: number
  /** Requests of each sender. */
  requests: number
  /** Records of one request. */
  perRequest: number
  /** Between a sender's requests: long enough, and each is inserted by itself. */
  pauseMs: number
  /** Which of the senders' records are sent: no two loads share any. */
  place: number
}

// Words of a made-up language, frequent and rare ones as in any: texts that repeat would be stored too well.
const syllables = [
  'ca',
  'de',
  'ni',
  'ro',
  'ta',
  'lu',
  'mes',
  'par',
  'sol',
  'vien',
  'qui',
  'bo',
  'ja',
  'ter',
  'cion',
  'e',
]
const vocabulary = Array.from({ length: 4096 }, (_, index) =>
  [index, index >> 4, index >> 8]
    .slice(0, 1 + (index % 3))
    .map((digit) => syllables[digit % 16])
    .join(''),
)

function textOf(index: number, words: number): string {
  let seed = Math.imul(index + 1, 0x9e3779b1)
  return Array.from({ length: words }, () => {
    seed = Math.imul(seed ^ (seed >>> 15), 0x85ebca6b) + 0x6d2b79f5
    const uniform = (seed >>> 8) / 2 ** 24
    return vocabulary[Math.floor(vocabulary.length ** uniform) - 1]
  }).join(' ')
}

function bodiesOf({ collection, senders, requests, perRequest, place }: IngestLoad): Buffer[][] {
  const batches = Math.ceil((requests * perRequest) / 10_000)
  const source = collection === 'calls' ? callBatches : turnBatches
  const [field, words] = collection === 'calls' ? (['notes', 24] as const) : (['text', 11] as const)
  return Array.from({ length: senders }, (_, sender) =>
    [...source(place + sender, batches)]
      .flatMap((records, batch) => {
        const texts = ((place + sender) * batches + batch) * records.length
        const own = records.map((record, index) => ({ ...record, [field]: textOf(texts + index, words) }))
        return Array.from({ length: Math.ceil(own.length / perRequest) }, (_, request) =>
          ndjson(own.slice(request * perRequest, (request + 1) * perRequest)),
        )
      })
      .slice(0, requests),
  )
}

export async function measureIngest(
  engines: ScaleEngines,
  server: ServerProcess,
  idle: CpuSeconds,
  load: IngestLoad,
): Promise<IngestCost> {
  // Made before the clock starts.
  const bodies = bodiesOf(load)
  const config = loadConfig(engines.settings)
  const control = await openControl(config, openLog(config))
  try {
    const walBefore = await walPlace(control)
    const before = readCpu(engines)
    const began = performance.now()
    await send(server, load, bodies)
    const sent = cpuSince(before, readCpu(engines))
    const milliseconds = performance.now() - began
    const walBytes = (await walPlace(control)) - walBefore
    await untilMerged(engines)
    const merged = cpuSince(before, readCpu(engines))
    const untilMergedMs = performance.now() - began
    const records = load.senders * load.requests * load.perRequest
    const each = (used: number, idleRate: number, duringMs: number): number =>
      ((used - (idleRate * duringMs) / 1000) / records) * 1e6
    return {
      records,
      requests: bodies.flat().length,
      perSecond: rate(records, milliseconds),
      engineMicroseconds: each(total(merged.shards), total(idle.shards), untilMergedMs),
      postgresMicroseconds: each(sent.postgres, idle.postgres, milliseconds),
      programMicroseconds: each(sent.program, idle.program, milliseconds),
      walBytes: walBytes / records,
      sentBytes: total(bodies.flat().map((body) => body.length)) / records,
    }
  } finally {
    await control.close()
  }
}

async function send(server: ServerProcess, { collection, pauseMs }: IngestLoad, bodies: Buffer[][]): Promise<void> {
  const head = headOf('POST', `/v1/ingest/${collection}`, server.key.apiKey, 'application/x-ndjson')
  const wires = await Promise.all(bodies.map(() => Wire.open(server.url)))
  await Promise.all(
    wires.map(async (wire, sender) => {
      for (const body of bodies[sender] ?? []) {
        const answer = await wire.send(head, body)
        if (answer.status !== 200) throw new Error(`A batch was refused: ${answer.body.slice(0, 500)}`)
        if (pauseMs > 0) await wait(pauseMs)
      }
    }),
  )
  for (const wire of wires) wire.close()
  // Acknowledged is durable; this waits until it can be read.
  const answer = await fetch(`${server.url}/v1/records/calls?limit=1`, { headers: { 'X-Api-Key': server.key.apiKey } })
  if (!answer.ok) throw new Error(`The list of calls answers ${answer.status}.`)
  await answer.text()
}

async function walPlace({ postgres }: Control): Promise<number> {
  const row = await postgres.first<{ bytes: number }>(sql`
    SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::double precision AS bytes`)
  return row?.bytes ?? 0
}

/** Asks every node, bypassing the program. */
export async function askNodes(engines: ScaleEngines, query: string): Promise<number[][]> {
  const urls = (engines.settings['EARSHOT_CLICKHOUSE_URL'] ?? '').split(',')
  return Promise.all(
    urls.map(async (url) => {
      const answer = await fetch(url.replace(/\/earshot$/, '/'), { method: 'POST', body: query })
      return (await answer.text()).trim().split('\t').map(Number)
    }),
  )
}

/** Waits until no node merges, or the time is up. */
export async function untilMerged(engines: ScaleEngines, maxMs = 20_000): Promise<void> {
  const deadline = performance.now() + maxMs
  for (let quiet = 0; quiet < 4 && performance.now() < deadline; await wait(250)) {
    const running = total((await askNodes(engines, 'SELECT count() FROM system.merges')).flat())
    quiet = running === 0 ? quiet + 1 : 0
  }
}

/** What a row takes in merged parts, with all indexes and projections. */
export interface RowSize {
  rows: number
  diskBytes: number
  /** Memory for its place in the primary key. */
  keyBytes: number
  /** Processor time of merging it once more. */
  mergeMicroseconds: number
}

export async function rowSize(engines: ScaleEngines, table: string): Promise<RowSize> {
  const merge = () => askNodes(engines, `OPTIMIZE TABLE earshot.${table} FINAL`)
  await merge()
  const before = readCpu(engines)
  await merge()
  const spent = total(cpuSince(before, readCpu(engines)).shards)
  const answers = await askNodes(
    engines,
    `SELECT sum(rows), sum(bytes_on_disk), sum(primary_key_bytes_in_memory)
     FROM system.parts WHERE active AND database = 'earshot' AND table = '${table}'`,
  )
  const [rows = 0, disk = 0, key = 0] = [0, 1, 2].map((cell) => total(answers.map((answer) => answer[cell] ?? 0)))
  return { rows, diskBytes: disk / rows, keyBytes: key / rows, mergeMicroseconds: (spent / rows) * 1e6 }
}
