import type { Readable } from 'node:stream'
import { ClickHouseError, ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client'
import { AppError } from '../../errors.ts'
import { sessionSettings } from './clickhouse.ts'

/** One server, with the database for its statements. */
export interface ClickHouseNode {
  /** Host, port and database, without the password: for messages and for the record of migrations. */
  name: string
  database: string
  /** The connections to the server, for its database or for another one. */
  client(database?: string): ClickHouseClient
  /** Closes the connections for a dropped database. */
  leave(database: string): Promise<void>
  /**
   * Whether the server answers a ping in time. Pings have separate connections, so that statements cannot delay them.
   */
  answers(withinMs: number): Promise<boolean>
}

/** Several nodes behind one interface. */
export interface ClickHouseNodes {
  all: readonly ClickHouseNode[]
  /**
   * Runs work on the node that answered last. When that node is unreachable, the next one is tried. When the connection
   * breaks or the node stops answering during the work, the next one is tried only if the work `mayRepeat`. The signal
   * ends the requests of the work. Throws UNAVAILABLE when no node, or no replica of a shard, is reachable.
   */
  use<T>(work: (node: ClickHouseNode, signal: AbortSignal) => Promise<T>, mayRepeat: boolean): Promise<T>
  close(): Promise<void>
}

/** Long enough for a statement over all rows of a large account. */
const requestTimeoutMs = 600_000
const connectionsPerNode = 16
const silenceMs = 5000

/** Error codes of requests that have not reached the server. */
const notReached = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT'])
// The last two are messages of the engine: for a server that shuts down, and for one that lost its disk.
const brokenOff = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', '236', '81'])

/**
 * The engine's error codes for outages: an incomplete answer, a missing database, an unreachable address, too many
 * statements, a socket that times out or breaks, an unreachable keeper, a server that shuts down, a table without its
 * keeper, no replica of a shard, too few or lagging replicas for a quorum, a failing system or keeper.
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

/** Opens several nodes as one, or a single node; all callers share the connections. */
export function askNodesInOrder(all: readonly ClickHouseNode[]): Omit<ClickHouseNodes, 'close'> {
  // Each process starts with a random node and keeps it, so that processes spread over the nodes.
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
          // Later work starts with the next node instead of waiting for this one again.
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

/** Queries one node outside our database. Throws UNAVAILABLE when the node is unreachable or stops answering. */
export function askNode<Row>(node: ClickHouseNode, query: string, parameters: Record<string, unknown>): Promise<Row[]> {
  return askNodesInOrder([node]).use(async (asked, signal) => {
    const answer = await asked
      .client('default')
      .query({ query, format: 'JSONEachRow', query_params: parameters, abort_signal: signal })
    return answer.json<Row>()
  }, true)
}

/** The same, but returns undefined when the node is unreachable. */
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
 * Aborts the signal when the node does not answer within `silenceMs` and then does not answer a ping either, because
 * its machine has vanished or its process hangs. A long statement on a live node continues.
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
 * The chunks of an answer, without a time limit while the node answers pings. Throws UNAVAILABLE when the node stops
 * answering or the connection breaks.
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
      // Send parameters in the body, because hundreds of ids do not fit into a URL.
      use_multipart_params_auto: true,
      // The server answers when the result is complete, so that a failing query is an error instead of half a file.
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

/** The error for a caller: UNAVAILABLE for an outage, any other error unchanged. */
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
