import { randomUUID } from 'node:crypto'
import { createReadStream, mkdirSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { drainPending, Session } from 'chdb'
import type { ClickHouse, ClickHouseView, Parameters } from './clickhouse.ts'
import { sessionSettings } from './clickhouse.ts'
import { createCopies, fillCopies, listViews, viewDatabaseOf } from './views.ts'
import { memoryBytes } from '../memory.ts'
import { keepFromStandardInput } from '../standardInput.ts'
import { yieldByTime } from '../../yieldByTime.ts'

/**
 * One connection runs one operation at a time, so there are several in separate groups: a long stream or a large insert
 * must not delay a point read.
 */
const connections = { read: 4, write: 3, stream: 4, long: 2 }
const ownDatabase = 'default'
/** Each of the engine's caches of indexes may take this share of the memory; a half by default. */
const cacheShare = 1 / 64
const caches = ['mark_cache_size', 'index_mark_cache_size', 'primary_index_cache_size', 'query_condition_cache_size']

/** Settings of the engine itself. */
function engineSettings(): Record<string, string> {
  const cacheBytes = String(Math.floor(memoryBytes() * cacheShare))
  return {
    // By default it measures its memory every 50 ms, which is half of its idle work.
    memory_worker_period_ms: '500',
    // Idle threads keep their stacks and a share of the allocator's memory; the default keeps a thousand.
    max_thread_pool_free_size: '16',
    ...Object.fromEntries(caches.map((name) => [name, cacheBytes])),
  }
}

/** Opens ClickHouse in this process. Throws when another process has the folder open. */
export function openEmbeddedClickHouse(directory: string, queryMemoryBytes: number): ClickHouse {
  keepFromStandardInput()
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const limit = queryMemoryBytes || Math.floor(memoryBytes() / 4)
  const settings = { ...sessionSettings, ...engineSettings(), max_memory_usage: String(limit) }
  const connectionArgs = Object.entries(settings).map(([name, value]) => `--${name}=${value}`)
  const open = () => new Session(directory, { connectionArgs })
  const read = sessionPool(connections.read, open)
  const write = sessionPool(connections.write, open)
  const streams = sessionPool(connections.stream, open)
  const long = sessionPool(connections.long, open)
  const pools = { read, write, streams, long, answers: emptyFolder(join(directory, 'answers')) }
  const own = statementsIn(ownDatabase, pools)
  const atNode = {
    views: () => listViews(own, ownDatabase),
    dropView: (name: string) => own.command(`DROP DATABASE IF EXISTS ${viewDatabaseOf(ownDatabase, name)} SYNC`),
  }
  const engine: ClickHouse = {
    ...own,
    insert: (table, columns, lines) =>
      write.use(ownDatabase, async (session) => {
        await session.insert({ table, columns, values: lines, format: 'JSONCompactEachRow' })
      }),
    async view(name, tables) {
      const copies = { from: ownDatabase, into: viewDatabaseOf(ownDatabase, name), tables }
      await createCopies(own, copies)
      return {
        ...statementsIn(copies.into, pools),
        take: () => fillCopies(own, copies),
        drop: () => atNode.dropView(name),
      }
    },
    copiesOf: () => [engine],
    nodes: () => [{ ...own, ...atNode, name: 'embedded' }],
    async close() {
      const all = [read, write, streams, long]
      await Promise.all(all.map((pool) => pool.drain()))
      await drainPending()
      for (const pool of all) pool.close()
      await drainPending()
    },
  }
  return engine
}

interface Pools {
  read: SessionPool
  write: SessionPool
  streams: SessionPool
  long: SessionPool
  /** The folder for answers that are complete files. */
  answers: string
}

function statementsIn(
  database: string,
  { read, write, streams, long, answers }: Pools,
): Pick<ClickHouseView, 'rows' | 'stream' | 'command'> {
  return {
    rows: (query, parameters) => read.use(database, (session) => readRows(session, query, parameters)),
    stream: (query, format, parameters) =>
      format === 'Parquet'
        ? streamFile({ sessions: long, database, answers }, query, format, parameters)
        : streamBytes({ sessions: streams, database }, query, format, parameters),
    command: (statement, parameters, options) =>
      (options?.isLong ? long : write).use(database, async (session) => {
        await run(session, statement, parameters, 'Null')
      }),
  }
}

function run(session: Session, query: string, parameters: Parameters | undefined, format: string) {
  return parameters ? session.queryBindAsync(query, parameters, { format }) : session.queryAsync(query, { format })
}

async function readRows<Row extends object>(session: Session, query: string, parameters?: Parameters): Promise<Row[]> {
  const lines = (await run(session, query, parameters, 'JSONEachRow')).text()
  return parseLines<Row>(lines)
}

/** The number of lines that are parsed between two checks of the time. */
const parsedCharacters = 512 * 1024

/**
 * The engine writes one object a line and escapes line breaks inside, so lines make an array; a long answer in pieces.
 */
async function parseLines<Row extends object>(lines: string): Promise<Row[]> {
  const pieces: Row[][] = []
  const pause = yieldByTime()
  for (let from = 0; from < lines.length;) {
    const lineEnd = lines.indexOf('\n', from + parsedCharacters)
    const to = lineEnd < 0 ? lines.length : lineEnd
    const piece = lines.slice(from, to).trimEnd()
    if (piece !== '') pieces.push(JSON.parse(`[${piece.replaceAll('\n', ',')}]`))
    from = to + 1
    const others = pause()
    if (others) await others
  }
  return pieces.length === 1 ? (pieces[0] ?? []) : pieces.flat()
}

async function* streamBytes(
  { sessions, database }: { sessions: SessionPool; database: string },
  query: string,
  format: string,
  parameters?: Parameters,
): AsyncGenerator<Uint8Array> {
  const session = await sessions.take(database)
  try {
    const chunks = session.queryStreamBind(query, parameters ?? {}, { format })
    for await (const chunk of chunks) yield chunk.raw()
  } finally {
    sessions.give(session)
  }
}

/** An answer that must be one file: when streamed, each chunk would be a separate file. */
async function* streamFile(
  { sessions, database, answers }: { sessions: SessionPool; database: string; answers: string },
  query: string,
  format: string,
  parameters?: Parameters,
): AsyncGenerator<Uint8Array> {
  const path = join(answers, randomUUID())
  try {
    await sessions.use(database, (session) =>
      run(
        session,
        `INSERT INTO FUNCTION file({answerPath:String}, ${format})\n${query}`,
        { ...parameters, answerPath: path },
        'Null',
      ),
    )
    yield* createReadStream(path)
  } finally {
    await rm(path, { force: true })
  }
}

/** Creates the folder for temporary files, and removes those that a killed process left. */
function emptyFolder(path: string): string {
  rmSync(path, { recursive: true, force: true })
  mkdirSync(path, { recursive: true, mode: 0o700 })
  return path
}

interface SessionPool {
  /** A session whose statements run in `database`. */
  take(database: string): Promise<Session>
  give(session: Session): void
  use<T>(database: string, work: (session: Session) => Promise<T>): Promise<T>
  /** Resolves when no statement is running. */
  drain(): Promise<void>
  close(): void
}

/** A pool of at most `size` sessions, opened on first use; further callers wait in a queue. */
function sessionPool(size: number, open: () => Session): SessionPool {
  const idle: Session[] = []
  const databases = new Map<Session, string>()
  const waiting: ((session: Session) => void)[] = []
  const drained: (() => void)[] = []
  function takeAny(): Session | Promise<Session> {
    const free = idle.pop()
    if (free) return free
    if (databases.size === size) return new Promise((resolve) => waiting.push(resolve))
    const session = open()
    databases.set(session, ownDatabase)
    return session
  }
  const pool: SessionPool = {
    async take(database) {
      const session = await takeAny()
      if (databases.get(session) === database) return session
      try {
        await session.queryAsync(`USE ${database}`)
        databases.set(session, database)
        return session
      } catch (error) {
        pool.give(session)
        throw error
      }
    },
    give(session) {
      const next = waiting.shift()
      if (next) return next(session)
      idle.push(session)
      if (idle.length === databases.size) for (const resolve of drained.splice(0)) resolve()
    },
    async use(database, work) {
      const session = await pool.take(database)
      try {
        return await work(session)
      } finally {
        pool.give(session)
      }
    },
    drain: async () => {
      if (idle.length < databases.size) await new Promise<void>((resolve) => drained.push(resolve))
    },
    close() {
      for (const session of databases.keys()) session.close()
    },
  }
  return pool
}
