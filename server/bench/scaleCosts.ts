import type { Rows, Setup } from './scaleSetup.ts'
import { total } from './scaleEngines.ts'
import type { IngestCost, RowSize } from './scaleIngest.ts'

/** What is to be borne. */
export const demand = {
  accounts: 1000,
  /** Of all calls. Sizes follow Zipf's law, with the exponent that this takes. */
  largestShare: 0.1,
  callsPerDay: 1e8,
  turnsPerCall: 50,
  /** The busiest hour against the average. */
  peak: 3,
  keptDays: 400,
  recordingBytes: 180 * 2048,
  /** Questions a call; the feed reads each call once, exports are three a day and account. */
  reads: {
    'a call by its id': 0.2,
    'newest page of the list': 0.1,
    'page of 1,000 of the feed': 0.001,
    'summary of 30 days': 0.02,
    'daily trend of 30 days': 0.02,
    'export of 50,000 rows': 3e-5,
  },
}

/** Parts grow about eightfold from merge to merge, up to the engine's largest. */
const merging = { growth: 8, largestPartBytes: 150e9 }
/** Parts of the keys' table in a full shard, large and small: whether an id is known is looked up in each. */
const keyParts = 12
/** What expired is cut out of its parts so often a day; it lies in the oldest, of which so many are written anew. */
const purging = { timesPerDay: 2, parts: 2 }

export const secondsPerDay = 86_400

/** A cost that grows with the shards that share in it: `fixed + perShard * shards`. */
export interface Line {
  fixed: number
  perShard: number
}

/** The line of least squares through what the clusters cost, never falling. */
function lineOf(setups: Setup[], costOf: (setup: Setup) => number): Line {
  const points = setups.map((setup) => ({ x: setup.shards, y: costOf(setup) }))
  const mean = (values: number[]): number => total(values) / values.length
  const [x, y] = [mean(points.map((point) => point.x)), mean(points.map((point) => point.y))]
  const rise = total(points.map((point) => (point.x - x) * (point.y - y)))
  const perShard = Math.max(0, rise / total(points.map((point) => (point.x - x) ** 2)))
  return { fixed: Math.max(0, y - perShard * x), perShard }
}

export const at = ({ fixed, perShard }: Line, shards: number): number => fixed + perShard * shards

export type Sending = 'as calls end' | 'in bulk'

/** Processor seconds by role, and the bytes that go with it, of a call with its turns where nothing else is said. */
export interface Costs {
  /** Among 10,000 others. */
  insert: Line
  /** What an insert costs that is not among others, however few its rows. */
  perInsert: Line
  reads: Line
  /** Looking up whether its ids are known, when every id lies in a place of its own in every part. */
  probing: number
  /** Merges that the run was too short for. */
  laterMerges: number
  /** Writing it anew once. */
  rewrite: number
  /** Cores of every replica that cut out what expired. */
  purgeCores: number
  /** The thread of its account's queue, when many come at once. */
  queue: number
  program: number
  postgres: number
  walBytes: number
  sentBytes: number
  recording: number
  diskBytes: number
}

export interface Measured {
  rows: Rows
  /** One server with more and more calls. */
  single: Setup[]
  clusters: Setup[]
}

/** Calls come in requests of 10,000, or each in a request of its own as it ends, and its turns in another. */
export function costsOf({ single, clusters, rows }: Measured, sending: Sending): Costs {
  const { turnsPerCall, reads } = demand
  const isSingle = sending === 'as calls end'
  const inClusters = (names: readonly [string, string], cost: 'engineMicroseconds' | 'programMicroseconds') =>
    lineOf(clusters, ({ ingest }) => withTurns(ingest, names, cost) / 1e6)
  const inRows = (cost: 'postgresMicroseconds' | 'walBytes' | 'sentBytes'): number =>
    withTurns(rows.ingest, isSingle ? ['calls, 1 a request', 'turns, 50 a request'] : bulkRows, cost)
  const asked = (setup: Setup, cost: 'engineMs' | 'programMs'): number =>
    total(Object.entries(reads).map(([name, perCall]) => (perCall * (setup.questions[name]?.[cost] ?? 0)) / 1000))
  const alone = inClusters(['single calls', 'turns, 50 a request'], 'engineMicroseconds')
  const program = inClusters(isSingle ? ['single calls', 'turns, 50 a request'] : bulk, 'programMicroseconds')
  return {
    insert: inClusters(bulk, 'engineMicroseconds'),
    perInsert: { fixed: alone.fixed / 2, perShard: alone.perShard / 2 },
    reads: lineOf(clusters, (setup) => asked(setup, 'engineMs')),
    probing: probingOf(single, rows),
    laterMerges: mergesOf(rows, roundsOf),
    rewrite: mergesOf(rows, () => 1),
    purgeCores: purgeCores(rows),
    queue: withTurns(rows.ingest, bulkRows, 'programMicroseconds') / 1e6,
    program:
      at(program, 1) +
      at(
        lineOf(clusters, (setup) => asked(setup, 'programMs')),
        1,
      ),
    postgres: inRows('postgresMicroseconds') / 1e6,
    walBytes: inRows('walBytes'),
    sentBytes: inRows('sentBytes'),
    recording: rows.recording.programSeconds,
    diskBytes: diskBytes(rows, turnsPerCall),
  }
}

const bulk = ['calls, 10,000 a request', 'turns, 10,000 a request'] as const
const bulkRows = ['calls, 10000 a request', 'turns, 10000 a request'] as const

function withTurns(
  ingest: Record<string, IngestCost>,
  [calls, turns]: readonly [string, string],
  cost: 'engineMicroseconds' | 'programMicroseconds' | 'postgresMicroseconds' | 'walBytes' | 'sentBytes',
): number {
  return (ingest[calls]?.[cost] ?? 0) + demand.turnsPerCall * (ingest[turns]?.[cost] ?? 0)
}

/** What inserting among others costs more over many merged calls than over none, for each part of the keys. */
function probingOf(single: Setup[], rows: Rows): number {
  const largest = single.at(-1)
  const over = largest ? withTurns(largest.ingest, bulk, 'engineMicroseconds') : 0
  return (keyParts * Math.max(0, over - withTurns(rows.ingest, bulkRows, 'engineMicroseconds'))) / 1e6
}

/** A call has two keys, its own and that of its endpoints; a turn has one. */
function diskBytes({ tables: { calls, turns, record_keys: keys } }: Rows, turnsPerCall: number): number {
  return calls.diskBytes + 2 * keys.diskBytes + turnsPerCall * (turns.diskBytes + keys.diskBytes)
}

/** Merges until a part is as large as parts become. */
function roundsOf({ rows, diskBytes: bytes }: RowSize): number {
  return Math.max(0, Math.log(merging.largestPartBytes / bytes / rows) / Math.log(merging.growth))
}

function mergesOf({ tables: { calls, turns, record_keys: keys } }: Rows, rounds: (size: RowSize) => number): number {
  const each = (size: RowSize): number => (rounds(size) * size.mergeMicroseconds) / 1e6
  return each(calls) + 2 * each(keys) + demand.turnsPerCall * (each(turns) + each(keys))
}

function purgeCores({ tables: { calls, turns } }: Rows): number {
  const rowsWritten = ({ diskBytes: bytes }: RowSize): number =>
    (purging.timesPerDay * purging.parts * merging.largestPartBytes) / bytes
  const seconds = [calls, turns].map((size) => (rowsWritten(size) * size.mergeMicroseconds) / 1e6)
  return total(seconds) / secondsPerDay
}
