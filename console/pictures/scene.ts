import { randomUUID } from 'node:crypto'
import { sendDemo } from '../../server/src/features/demo/send.ts'
import type { Ports } from '../../server/src/ports.ts'
import { sql } from '../../server/src/store/postgres/postgres.ts'
import { answering, openReceiver, type Receiver } from '../../server/test/receiver.ts'
import { until } from '../../server/test/program.ts'
import { spokenRecording } from '../test/speech.ts'

/** What the pictures are of. */
export interface Scene {
  /** A call with a recording, an evaluation and a transcript in the language. */
  calls: { english: string; spanish: string }
  /** A webhook endpoint, and a delivery to it that failed at first. */
  endpointId: string
  deliveryId: string
  close(): Promise<void>
}

const stuckCall = 'call-4711'
const heldCall = 'call-1187'

/** Sends a request as the account; answers that are no success fail. */
// Pictures take from answers of many shapes, and fail where one is another.
// oxlint-disable-next-line typescript/no-explicit-any
type Ask = (method: string, path: string, body?: unknown, type?: string) => Promise<any>

/** Fills the account as a company would have it on a working day. */
export async function setScene(
  ports: Ports,
  server: { url: string; accountId: number; apiKey: string },
): Promise<Scene> {
  const ask = askAs(server)
  await ask('PATCH', '/v1/admin/account', { timezone: 'America/Santiago', country: 'CL' })
  const demo = { seed: 1, calls: 5000, days: 120, endsAt: ports.now() }
  await sendDemo({ ...demo, baseUrl: server.url, apiKey: server.apiKey })
  await setAdministration(ask)
  await spreadOverDay(ports, server.accountId)
  const receiver = await openReceiver()
  const webhook = await setWebhooks(ask, receiver)
  const calls = await setRecordings(ports, ask)
  await setExports(ports, ask)
  return { calls, ...webhook, close: () => receiver.close() }
}

function askAs({ url, apiKey }: { url: string; apiKey: string }): Ask {
  return async (method, path, body, type = 'application/json') => {
    const response = await fetch(url + path, {
      method,
      headers: { 'X-Api-Key': apiKey, ...(body === undefined ? {} : { 'Content-Type': type }) },
      ...(body === undefined ? {} : { body: Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }
}

/** Hours by which what belongs to a key is moved back: few of the earliest and the latest. */
function late(key: string): string {
  return `intDiv(cityHash64(${key}) % 23 + cityHash64(${key}, 1) % 23, 2)`
}

/** All came within a minute; a day's chart shows what came in the course of it. One call has been stuck for days. */
async function spreadOverDay(ports: Ports, accountId: number): Promise<void> {
  const parts = ['turns', 'engagements', 'evaluations', 'surveys', 'reviews']
  for (const [table, hours, which] of [
    ['calls', `if(id = '${stuckCall}', 60, ${late('id')})`, `(status != 'active' OR id = '${stuckCall}')`],
    ...parts.map((name) => [name, late('call_id'), 'true']),
  ]) {
    await ports.clickhouse.command(
      `ALTER TABLE ${table}
      UPDATE updated_at = updated_at - toIntervalHour(${hours})
      WHERE account_id = {accountId:UInt32}
        AND ${which}
      SETTINGS mutations_sync = 1`,
      { accountId },
    )
  }
}

async function setWebhooks(ask: Ask, receiver: Receiver): Promise<{ endpointId: string; deliveryId: string }> {
  const events = ['call.completed', 'export.completed', 'recording.ready']
  const path = '/api/v1/webhooks'
  const loader = await ask('POST', path, { url: receiver.url, events, description: 'Warehouse loader' })
  await ask('POST', path, { url: `${receiver.url}/crm`, events: ['*'], description: 'CRM' })
  const old = await ask('POST', path, { url: `${receiver.url}/old`, events: ['survey.completed'] })
  await ask('POST', `${path}/${old.id}/disable`)
  const deliveries = async () => (await ask('GET', `${path}/${loader.id}/deliveries`)).data
  await ask('POST', `${path}/${loader.id}/test`)
  await until('the delivery succeeded', async () => (await deliveries()).some(isWith('succeeded')))
  receiver.behave(answering(503, {}, 'upstream is restarting'))
  await ask('POST', `${path}/${loader.id}/test`)
  await until('the delivery failed once', async () => (await deliveries()).some(isWith('pending')))
  const failed = (await deliveries()).find(isWith('pending'))
  receiver.behave(answering(200))
  return { endpointId: loader.id, deliveryId: failed.id }
}

function isWith(status: string) {
  return (delivery: { status: string; attempt_count: number }) =>
    delivery.status === status && delivery.attempt_count > 0
}

async function setAdministration(ask: Ask): Promise<void> {
  const scopes = ['calls:read', 'analytics:export']
  await ask('POST', '/v1/admin/keys', { name: 'Nightly load', scopes, expiresAt: '2030-07-01T04:00:00Z' })
  const board = await ask('POST', '/v1/admin/keys', { name: 'Dashboard', scopes: ['analytics:read'] })
  await ask('POST', `/v1/admin/keys/${board.id}/rotate`, {})
  const users = [
    { email: 'ana@example.com', name: 'Ana Soto', role: 'admin' },
    { email: 'tom@example.com', name: 'Tom Weber', role: 'analyst' },
  ]
  for (const user of users) await ask('POST', '/v1/admin/users', { ...user, password: randomUUID() })
  await ask('PATCH', '/v1/admin/account', { retention: { recordingsDays: 90, turnsDays: 365 } })
  const startedAt = new Date(Date.now() - 3 * 86_400_000).toISOString()
  const call = { channel: 'phone', status: 'active', startedAt }
  await ask('POST', '/v1/ingest/calls', [
    { ...call, id: stuckCall },
    { ...call, id: heldCall, status: 'completed', durationSeconds: 340 },
  ])
  await ask('PUT', `/v1/admin/holds/calls/${heldCall}`, { reason: 'Matter 2026-117: complaint to the regulator' })
  // Refused: the page shows what would be right.
  await ask('POST', '/v1/ingest/calls?atomic=false', [{ id: 'c-1', channel: 'fax' }, { channel: 'phone' }]).catch(
    () => undefined,
  )
}

/** Exports in every state: done, under way, waiting, failed. */
async function setExports(ports: Ports, ask: Ask): Promise<void> {
  const [dateFrom, dateTo] = [20, 0].map((days) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10))
  const period = { dateFrom, dateTo, timezone: 'America/Santiago' }
  const start = async (body: object) => (await ask('POST', '/v1/exports', { ...period, ...body })).data.exportId
  await start({ dataset: 'ai-calls', format: 'xlsx' })
  await start({ dataset: 'turn', format: 'parquet', compression: 'none' })
  await start({ datasets: ['engagement', 'agent'], format: 'ndjson', compression: 'gzip' })
  const failing = await start({ dataset: 'review' })
  await until('the exports are done', async () =>
    (await ask('GET', '/v1/exports')).data.every(({ status }: { status: string }) => status === 'completed'),
  )
  await ports.jobs.stop()
  await ports.postgres.run(sql`
    UPDATE exports
    SET status = 'failed', files = '[]', error = 'The disk of the server is full; make room and try again.'
    WHERE id = ${failing}`)
  const running = await start({ dataset: 'calls', format: 'parquet' })
  await ports.postgres.run(sql`
    UPDATE exports
    SET status = 'processing', progress = 62, started_at = now()
    WHERE id = ${running}`)
  await start({ dataset: 'customer', format: 'csv' })
}

/** Gives an evaluated voice call of each language a recording, and waits for its waveform. */
async function setRecordings(ports: Ports, ask: Ask): Promise<Scene['calls']> {
  const found: Record<string, string> = {}
  for (const [name, language] of [
    ['english', 'en'],
    ['spanish', 'es'],
  ] as const) {
    const [call] = await ports.clickhouse.rows<{ id: string; seconds: number; startedMs: number }>(
      `SELECT id, duration_seconds AS seconds, toUnixTimestamp64Milli(started_at) AS startedMs
      FROM calls FINAL
      WHERE channel = 'phone'
        AND status = 'escalated'
        AND has_evaluation
        AND survey_state = 'Completed'
        AND startsWith(ifNull(language, ''), {language:String})
        AND duration_seconds BETWEEN 90 AND 240
      ORDER BY number DESC
      LIMIT 1`,
      { language },
    )
    if (!call) throw new Error(`The demonstration has no such call in ${language}.`)
    const { data } = await ask('GET', `/v1/records/calls/${call.id}?include=turns`)
    const lines = data.turns.map((turn: { at: string; durationMs: number; participant: string }) => {
      const from = (Date.parse(turn.at) - call.startedMs) / 1000
      return { from, to: from + turn.durationMs / 1000, isAgent: turn.participant === 'agent' }
    })
    await ask('PUT', `/v1/ingest/calls/${call.id}/recording`, spokenRecording(call.seconds, lines), 'audio/wav')
    found[name] = call.id
  }
  await until('the waveforms are made', async () => {
    const waiting = await ports.postgres.query(sql`SELECT 1 FROM recordings WHERE waveform = 'pending'`)
    return waiting.length === 0
  })
  return { english: found['english'] ?? '', spanish: found['spanish'] ?? '' }
}
