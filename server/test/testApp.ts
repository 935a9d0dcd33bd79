import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { buildServer, closeServer, listen } from '../src/api/server.ts'
import { surfaces } from '../src/api/surfaces.ts'
import { openApp, type App } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { issueKey } from '../src/features/keys/issueKey.ts'
import { openLog } from '../src/log.ts'
import { createTestDatabase } from './testPostgres.ts'

/** A whole Earshot for one test file: real engines in a folder of its own, listening on a free port. */
export interface TestApp {
  app: App
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

export async function openTestApp(settings: Record<string, string> = {}): Promise<TestApp> {
  const directory = await mkdtemp(join(tmpdir(), 'earshot-test-'))
  const database = await createTestDatabase()
  const { host = '', port, user, database: name } = database.options
  const config = loadConfig({
    EARSHOT_PORT: '0',
    EARSHOT_DATA_DIR: directory,
    EARSHOT_DATABASE_URL: `postgres://${user}@localhost:${port}/${name}?host=${encodeURIComponent(host)}`,
    EARSHOT_LOG_LEVEL: 'fatal',
    EARSHOT_RATE_LIMIT: '0',
    EARSHOT_MIN_FREE_BYTES: '0',
    ...settings,
  })
  const app = await openApp(config, openLog(config), () => {})
  const server = await buildServer(app, surfaces, { checkAnswers: true })
  const url = await listen(server, config)
  if (config.publicUrl === '') config.publicUrl = url
  let accounts = 0
  return {
    app,
    server,
    url,
    async account(options = {}) {
      const account = `account ${++accounts}`
      const key = await issueKey(app, { account, scopes: options.scopes ?? ['*'], timezone: options.timezone })
      return { ...key, id: accounts, request: requestWith(url, key.apiKey) }
    },
    async close() {
      await closeServer(server)
      await app.close()
      await database.drop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

function requestWith(url: string, apiKey: string): TestAccount['request'] {
  return async (method, path, body, headers = {}) => {
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
