import { randomBytes, timingSafeEqual, createHash } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import { ensureEmbeddedPostgres } from '../src/store/postgres/embeddedPostgres.ts'
import { openPostgres, sqlScript, type Postgres } from '../src/store/postgres/postgres.ts'
import { peerTables, upsertStatement, type PeerTable } from './peerTables.ts'

// What a team would build instead: Fastify, a JSON schema for every field (checked by its own ajv), and one upsert a
// request into PostgreSQL, committed with fsync before the answer. Argument: the folder. Tells its parent address and key.
const [directory = ''] = process.argv.slice(2)
const maxBodyBytes = 32 * 1024 * 1024

const engine = await ensureEmbeddedPostgres(directory, { info: () => {}, warn: () => {} })
const postgres = await openPostgres(engine.options, { maxConnections: 16 })
const apiKey = randomBytes(24).toString('hex')
const keyHash = createHash('sha256').update(apiKey).digest()
for (const table of Object.values(peerTables))
  for (const statement of table.setUp) await postgres.run(sqlScript(statement))

const server = Fastify({ bodyLimit: maxBodyBytes })
server.addHook('onRequest', async (request, reply) => {
  const given = createHash('sha256').update(String(request.headers['x-api-key'])).digest()
  if (!timingSafeEqual(given, keyHash)) await reply.code(401).send({ error: 'The API key is not known.' })
})
server.addContentTypeParser('application/x-ndjson', { parseAs: 'string' }, (_request, body, done) => {
  try {
    const lines = String(body).split('\n')
    done(
      null,
      lines.filter((line) => line !== '').map((line): unknown => JSON.parse(line)),
    )
  } catch (error) {
    done(error instanceof Error ? error : new Error('The body is not NDJSON.'))
  }
})
server.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
  try {
    const value: unknown = JSON.parse(String(body))
    done(null, Array.isArray(value) ? value : [value])
  } catch (error) {
    done(error instanceof Error ? error : new Error('The body is not JSON.'))
  }
})
for (const [name, table] of Object.entries(peerTables)) addIngestion(server, postgres, name, table)
await server.listen({ port: 0, host: '127.0.0.1' })
process.send?.({ port: (server.server.address() as AddressInfo).port, apiKey })
process.on('disconnect', () => void stop())

/** Takes records of one table: an array of them is checked by its schema, then merged into the rows by one statement. */
function addIngestion(on: FastifyInstance, database: Postgres, name: string, table: PeerTable): void {
  const statement = upsertStatement(name, table)
  on.post<{ Body: Record<string, unknown>[] }>(
    `/v1/ingest/${name}`,
    { schema: { body: { type: 'array', maxItems: 10_000, items: table.schema } } },
    async (request) => {
      const merged = new Map<unknown, Record<string, unknown>>()
      for (const record of request.body) merged.set(record['id'], { ...merged.get(record['id']), ...record })
      await database.run(statement(JSON.stringify([...merged.values()])))
      return { data: { accepted: request.body.length } }
    },
  )
}

async function stop(): Promise<void> {
  await server.close()
  await postgres.close()
  await engine.stopIfUnused()
  process.exit()
}
