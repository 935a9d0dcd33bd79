import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { inject } from 'vitest'
import { buildServer, closeServer, listen } from '../src/api/http/server.ts'
import { surfaces } from '../src/api/surfaces.ts'
import { openPorts } from '../src/compose.ts'
import type { Ports } from '../src/ports.ts'
import { loadConfig, type Config } from '../src/config.ts'
import { issueKey } from '../src/features/keys/issueKey.ts'
import { openLog } from '../src/log.ts'
import { clusterName } from './cluster/clickhouseNodes.ts'
import { createTestDatabase } from './testPostgres.ts'

/** A whole Earshot for one test file: real engines in a folder of its own, listening on a free port. */
export interface TestApp {
  ports: Ports
  server: FastifyInstance
  url: string
  /** A fresh account with a key of these scopes (all by default). */
  account(options?: { scopes?: string[]; timezone?: string }): Promise<TestAccount>
  close(): Promise<void>
}

export interface TestAccount {
  id: number
  apiKey: string
  hmacSecret: string
  jwt: string
  /** Sends a request with the account's key; a body that is no text and no bytes goes as JSON. */
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<TestAnswer>
}

export interface TestAnswer {
  status: number
  headers: Headers
  text: string
  // Tests look into answers of many shapes, and fail where one is another.
  // oxlint-disable-next-line typescript/no-explicit-any
  json: any
}

/**
 * On the embedded ClickHouse, or in a run of the cluster's suite on the cluster: there two of the program serve side by
 * side, and an account's requests go to the one and the other in turn. `isAlone`: for what each program counts by itself.
 */
export async function openTestApp(settings: Record<string, string> = {}, { isAlone = false } = {}): Promise<TestApp> {
  const directory = await mkdtemp(join(tmpdir(), 'earshot-test-'))
  const database = await createTestDatabase()
  const { host = '', port, user, database: name = '' } = database.options
  const clusterUrls = inject('clusterUrls')
  const environment = {
    EARSHOT_PORT: '0',
    EARSHOT_DATA_DIR: directory,
    EARSHOT_DATABASE_URL: `postgres://${user}@localhost:${port}/${name}?host=${encodeURIComponent(host)}`,
    EARSHOT_LOG_LEVEL: 'fatal',
    EARSHOT_RATE_LIMIT: '0',
    EARSHOT_MIN_FREE_BYTES: '0',
    ...(clusterUrls ? clusterSettings(clusterUrls, name) : {}),
    ...bucketSettings(name),
    ...settings,
  }
  const config = loadConfig(environment)
  const first = await openProgram(config)
  const programs = [first]
  // Programs share a rate only within a block, so what is told of it is told of one.
  if (clusterUrls && !isAlone && !('EARSHOT_RATE_LIMIT' in settings)) {
    const second = await openProgram(config)
    followFirst(first.ports, second.ports)
    programs.push(second)
  }
  const urls = programs.map((program) => program.url)
  let accounts = 0
  return {
    ...first,
    async account(options = {}) {
      const account = `account ${++accounts}`
      const key = await issueKey(first.ports, { account, scopes: options.scopes ?? ['*'], timezone: options.timezone })
      return { ...key, id: accounts, request: requestWith(urls, key.apiKey) }
    },
    async close() {
      for (const { ports, server } of programs.toReversed()) {
        await closeServer(server)
        await ports.close()
      }
      await database.drop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** What a test does to the first program, its clock or its engine, it does to the second. */
function followFirst(first: Ports, second: Ports): void {
  const own = { first: first.clickhouse, second: second.clickhouse }
  second.now = () => first.now()
  Object.defineProperty(second, 'clickhouse', {
    get: () => (first.clickhouse === own.first ? own.second : first.clickhouse),
  })
}

function clusterSettings(urls: string[], database: string): Record<string, string> {
  return {
    EARSHOT_CLICKHOUSE_URL: urls.map((url) => `${url}/${database}`).join(','),
    EARSHOT_CLICKHOUSE_CLUSTER: clusterName,
  }
}

/** Files below a folder of their own in the run's bucket, if it has one. */
export function bucketSettings(folder: string): Record<string, string> {
  const settings = inject('bucketSettings')
  if (!settings) return {}
  return { ...settings, EARSHOT_FILES: settings['EARSHOT_FILES']?.replace('?', `/${folder}?`) ?? '' }
}

async function openProgram(config: Config): Promise<Pick<TestApp, 'ports' | 'server' | 'url'>> {
  const ports = await openPorts(config, openLog(config), () => {})
  const server = await buildServer(ports, surfaces, { checkAnswers: true })
  const url = await listen(server, config)
  if (config.publicUrl === '') config.publicUrl = url
  return { ports, server, url }
}

function requestWith(urls: string[], apiKey: string): TestAccount['request'] {
  let sent = 0
  return async (method, path, body, headers = {}) => {
    const url = urls[sent++ % urls.length]
    const isRaw = typeof body === 'string' || body instanceof Uint8Array
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        'X-Api-Key': apiKey,
        ...(body === undefined || isRaw ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isRaw ? new Uint8Array(Buffer.from(body)) : JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('/json') ?? false
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined }
  }
}
