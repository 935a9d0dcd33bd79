import { randomBytes, randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Ports } from '../../ports.ts'
import { BodyMemory } from '../../bodyMemory.ts'
import type { Control } from '../../ports.ts'
import { loadConfig, type Config } from '../../config.ts'
import { issueKey } from '../../features/keys/issueKey.ts'
import type { NewKey } from '../../features/keys/key.ts'
import { openLog } from '../../log.ts'
import { Metrics } from '../../metrics.ts'
import { createTestDatabase } from '../../../test/testPostgres.ts'
import { openPostgres } from '../../store/postgres/postgres.ts'
import { secretsUnder } from '../../store/secrets/secrets.ts'
import { bodyHashOf, canonicalText, pathAsSent, signatureOf } from '../auth/signature.ts'
import { buildServer, closeServer, listen } from './server.ts'
import type { Surface } from './surface.ts'

/** A database for one file of tests. */
export interface TestDatabase {
  /** Another app on the same database: what another process would be. */
  openPorts(settings?: Partial<Config>): Promise<TestApp>
  close(): Promise<void>
}

/** An app with accounts and keys, whose clock can be moved; call data, files and jobs are not there. */
export interface TestApp {
  ports: Ports
  /** What was logged, as JSON lines. */
  lines: string[]
  /** Moves the clock. */
  advance(ms: number): void
  newKey(scopes: readonly string[], account?: string): Promise<NewKey>
  serve(surfaces: readonly Surface[]): Promise<{ server: FastifyInstance; url: string }>
  close(): Promise<void>
}

export async function openTestDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase()
  const secrets = secretsUnder(randomBytes(32))
  return {
    async openPorts(settings = {}) {
      const postgres = await openPostgres(database.options, { maxConnections: 4 })
      return makeTestApp({ postgres, secrets }, settings)
    },
    close: () => database.drop(),
  }
}

function makeTestApp(stores: Pick<Ports, 'postgres' | 'secrets'>, settings: Partial<Config>): TestApp {
  // There is no data folder whose disk could be full.
  const config = { ...loadConfig({}), port: 0, minimumFreeBytes: 0, ...settings }
  const lines: string[] = []
  const servers: FastifyInstance[] = []
  let offset = 0
  const ports: Ports = {
    ...stores,
    ...absentStores(),
    config,
    log: openLog(config, { write: (line) => void lines.push(line) }),
    now: () => Date.now() + offset,
    close: () => stores.postgres.close(),
  }
  return {
    ports,
    lines,
    advance: (ms) => void (offset += ms),
    newKey: (scopes, account = `account ${randomUUID()}`) => issueKey(ports, { account, scopes }),
    async serve(surfaces) {
      const server = await buildServer(ports, surfaces, { checkAnswers: true })
      servers.push(server)
      return { server, url: await listen(server, config) }
    },
    async close() {
      for (const server of servers) await closeServer(server)
      await ports.close()
    },
  }
}

/** Stores that sign-in never touches; a test that does fails by itself. */
function absentStores(): Omit<Ports, keyof Control> {
  return {
    metrics: new Metrics(),
    bodyMemory: new BodyMemory(64 * 1024 * 1024),
    clickhouse: absent,
    files: absent,
    jobs: absent,
    recordLog: absent,
    faults: absent,
    notices: absent,
    commitAdditions: [],
  }
}

const absent = undefined as never

/** The headers of a signed request. */
export function signedHeaders(
  key: Pick<NewKey, 'apiKey' | 'hmacSecret'>,
  request: { method: string; target: string; body?: string | Uint8Array; nowMs: number },
): Record<string, string> {
  const timestamp = String(Math.floor(request.nowMs / 1000))
  const bodyHash = bodyHashOf(Buffer.from(request.body ?? ''))
  const canonical = canonicalText(timestamp, request.method, pathAsSent(request.target), bodyHash)
  return {
    'X-Api-Key': key.apiKey,
    'X-Timestamp': timestamp,
    'X-Signature': signatureOf(key.hmacSecret, canonical),
  }
}

/** Sends a request and reads the JSON that comes back. */
export async function send(
  url: string,
  method: string,
  target: string,
  headers: Record<string, string> = {},
  body?: string | Uint8Array,
): Promise<{ status: number; headers: Headers; body: Record<string, unknown> | undefined }> {
  const content = typeof body === 'string' || body === undefined ? body : Uint8Array.from(body)
  const response = await fetch(url + target, { method, headers, body: content })
  const answer = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false
  return {
    status: response.status,
    headers: response.headers,
    body: isJson && answer !== '' ? (JSON.parse(answer) as Record<string, unknown>) : undefined,
  }
}
