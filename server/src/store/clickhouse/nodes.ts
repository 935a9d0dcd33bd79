import type { Readable } from 'node:stream'
import { ClickHouseError, ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client'
import { AppError } from '../../errors.ts'
import { sessionSettings } from './clickhouse.ts'

/** One server, with the database that statements run in. */
export interface ClickHouseNode {
  /** Host, port and database, without the password: for messages and for the record of migrations. */
  name: string
  database: string
  /** Its connections; in another database when one is named. */
  client(database?: string): ClickHouseClient
  /** Closes its connections in a database that is no more. */
  leave(database: string): Promise<void>
  /** Whether it says within a time that it is there: over connections of their own, however many statements wait. */
  answers(withinMs: number): Promise<boolean>
}

/** Several nodes that are asked as one. */
export interface ClickHouseNodes {
  all: readonly ClickHouseNode[]
  /**
   * Runs work on the node that answered last. When it cannot be reached, the next one is tried, and when it breaks off
   * half-way or falls silent too if the work `mayRepeat`; the work's requests end with the signal. Throws UNAVAILABLE
   * when no node, or no replica of a shard, is there.
   */
  use<T>(work: (node: ClickHouseNode, signal: AbortSignal) => Promise<T>, mayRepeat: boolean): Promise<T>
  close(): Promise<void>
}

/** Long enough for a statement over all of a large account. */
const requestTimeoutMs = 600_000
const connectionsPerNode = 16
const silenceMs = 5000

/** Nothing of the statement has reached the server. */
const notReached = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT'])
// The last two are the engine's own words: for a server that shuts down, and for one that lost its disk.
const brokenOff = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', '236', '81'])

/**
 * The engine's own codes for what is missing elsewhere: an answer that breaks off, a database, an address without a machine,
 * too many statements, a socket that times out or breaks, a keeper that is not there, a server that shuts down, a table that
 * lost its keeper, no replica of a shard, too few for a quorum or behind it, replicas that lag, a failing system or keeper.
 */
const clusterFaults = new Set('32 81 198 202 209 210 225 236 242 279 285 286 289 319 369 425 999'.split(' '))

export function openNodes(urls: readonly string[], settings: Record<string, string | number>): ClickHouseNodes {
  const opened = urls.map((url) => openNode(url, settings))
  const all = opened.map(({ node }) => node)
  return {
    ...askNodesInOrder(all),
    async close() {
      await Promise.all(opened.map((entry) => entry.close()))
    },
  }
}

/** Several nodes as one, or one of them by itself; their connections are shared with all who ask. */
export function askNodesInOrder(all: readonly ClickHouseNode[]): Omit<ClickHouseNodes, 'close'> {
  // Processes spread over the nodes, and each stays with one.
  let current = Math.floor(Math.random() * all.length)
  return {
    all,
    async use(work, mayRepeat) {
      let failure: unknown
      for (const index of all.map((_, offset) => (current + offset) % all.length)) {
        const node = all[index]
        if (!node) break
        const watch = watchForSilence(node)
        try {
          const result = await work(node, watch.signal)
          current = index
          return result
        } catch (error) {
          failure = watch.signal.aborted ? watch.signal.reason : error
          const code = codeOf(failure)
          // Whoever comes next need not wait for it once more.
          if (notReached.has(code) || brokenOff.has(code)) current = (index + 1) % all.length
          if (!notReached.has(code) && !(mayRepeat && brokenOff.has(code))) break
        } finally {
          watch.stop()
        }
      }
      throw unavailableOr(failure)
    },
  }
}

/** Asks one node for itself, in no database of ours. Throws UNAVAILABLE when it is not there or falls silent. */
export function askNode<Row>(node: ClickHouseNode, query: string, parameters: Record<string, unknown>): Promise<Row[]> {
  return askNodesInOrder([node]).use(async (asked, signal) => {
    const answer = await asked
      .client('default')
      .query({ query, format: 'JSONEachRow', query_params: parameters, abort_signal: signal })
    return answer.json<Row>()
  }, true)
}

/** The same of a node that may be away: nothing then. */
export async function askIfThere<Row>(
  node: ClickHouseNode,
  query: string,
  parameters: Record<string, unknown>,
): Promise<Row[]> {
  try {
    return await askNode<Row>(node, query, parameters)
  } catch (error) {
    if (error instanceof AppError && error.code === 'UNAVAILABLE') return []
    throw error
  }
}

/**
 * Aborts the signal when the node answers neither within `silenceMs` nor a ping then: its machine is gone without a word,
 * or the process hangs. A statement that takes its time is let be.
 */
function watchForSilence(node: ClickHouseNode): { signal: AbortSignal; stop(): void } {
  const silent = new AbortController()
  let timer = setTimeout(() => void ask(), silenceMs).unref()
  let isOver = false
  async function ask(): Promise<void> {
    const isThere = await node.answers(silenceMs)
    if (isOver) return
    if (isThere) timer = setTimeout(() => void ask(), silenceMs).unref()
    else silent.abort(Object.assign(new Error('The node does not answer.'), { code: 'ETIMEDOUT' }))
  }
  const stop = (): void => {
    isOver = true
    clearTimeout(timer)
  }
  return { signal: silent.signal, stop }
}

/**
 * The pieces of an answer, for as long as its node is there. However long they take is up to the node, and to who reads
 * them. Throws UNAVAILABLE when it falls silent or breaks off.
 */
export async function* piecesOf(node: ClickHouseNode, answer: Readable): AsyncGenerator<Uint8Array> {
  const watch = watchForSilence(node)
  watch.signal.addEventListener('abort', () => answer.destroy(watch.signal.reason))
  try {
    for await (const piece of answer) yield piece
  } catch (error) {
    throw unavailableOr(error)
  } finally {
    watch.stop()
  }
}

function openNode(
  url: string,
  settings: Record<string, string | number>,
): { node: ClickHouseNode; close(): Promise<unknown> } {
  const { name, database, server } = addressOf(url)
  const clients = new Map<string, ClickHouseClient>()
  const pings = createClient({ url: server, log: { level: ClickHouseLogLevel.OFF } })
  const open = (inDatabase: string): ClickHouseClient =>
    createClient({
      url: server,
      database: inDatabase,
      application: 'earshot',
      max_open_connections: connectionsPerNode,
      request_timeout: requestTimeoutMs,
      log: { level: ClickHouseLogLevel.OFF },
      // Hundreds of ids do not fit into an address.
      use_multipart_params_auto: true,
      // The server answers once the whole result stands: a query that fails on its way is an error, not half a file.
      clickhouse_settings: { ...sessionSettings, ...settings, wait_end_of_query: 1 },
    })
  return {
    node: {
      name,
      database,
      client(inDatabase = database) {
        const client = clients.get(inDatabase) ?? open(inDatabase)
        clients.set(inDatabase, client)
        return client
      },
      async leave(inDatabase) {
        const client = clients.get(inDatabase)
        clients.delete(inDatabase)
        await client?.close()
      },
      async answers(withinMs) {
        const { success } = await pings.ping({ select: false, abort_signal: AbortSignal.timeout(withinMs) })
        return success
      },
    },
    close: () => Promise.all([pings, ...clients.values()].map((client) => client.close())),
  }
}

/** The parts of http://user:password@host:8123/database. */
export function addressOf(url: string): { name: string; database: string; server: URL } {
  const server = new URL(url)
  const database = decodeURIComponent(server.pathname.slice(1)) || 'default'
  server.pathname = ''
  return { name: `${server.host}/${database}`, database, server }
}

/** What a caller learns: that the store is away for now, or else the failure as it is. */
export function unavailableOr(error: unknown): unknown {
  const code = codeOf(error)
  const isAway =
    error instanceof ClickHouseError
      ? clusterFaults.has(code)
      : notReached.has(code) || brokenOff.has(code) || isTimeout(error)
  return isAway
    ? new AppError('UNAVAILABLE', 'A part of the call data store is away; try again later.', {
        retryAfterSeconds: 5,
        cause: error,
      })
    : error
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  if ('code' in error && typeof error.code === 'string') return error.code
  return error.cause === undefined ? '' : codeOf(error.cause)
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && /timeout|socket hang up/i.test(error.message)
}
