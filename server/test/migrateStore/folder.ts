import { collectDemo } from '../../src/features/demo/demoRecords.testing.ts'
import { wavFile } from '../audioFiles.ts'
import { readAllChanges } from '../changes/follow.ts'
import { ingest, phoneCall } from '../feedCalls.ts'
import { until } from '../program.ts'
import { openTestApp, type TestAccount, type TestApp } from '../testApp.ts'

export const audio = wavFile(2, () => [0.5])
const endsAt = Date.parse('2026-11-20T12:00:00Z')

/** One program on the embedded engines of a folder, also beside a cluster. */
export function openEmbedded(directory: string): Promise<TestApp> {
  return openTestApp({
    EARSHOT_DATA_DIR: directory,
    EARSHOT_DATABASE_URL: '',
    EARSHOT_CLICKHOUSE_URL: '',
    EARSHOT_CLICKHOUSE_CLUSTER: '',
    EARSHOT_FILES: '',
    EARSHOT_S3_ACCESS_KEY: '',
    EARSHOT_S3_SECRET_KEY: '',
    EARSHOT_RATE_LIMIT: '0',
  })
}

/** What a folder of two accounts answered before it was moved. */
export interface FilledFolder {
  keys: string[]
  /** By account. */
  answers: unknown[]
  cursors: string[]
  /** An export of the second account, and its file. */
  exported: string
  bytes: string
}

/** Fills a new folder as years of use would: corrections, deletions, parts without a call, files, people, webhooks. */
export async function fillFolder(directory: string): Promise<FilledFolder> {
  const earshot = await openEmbedded(directory)
  const accounts = [await earshot.account({ timezone: 'America/Santiago' }), await earshot.account()]
  const [one, two] = accounts
  if (!one || !two) throw new Error('no accounts')
  await sendDemo(one, 300, 1)
  await sendDemo(two, 60, 2)
  await ingest(two, 'calls', [phoneCall('recorded')])
  await two.request('PUT', '/v1/ingest/calls/recorded/recording?durationSeconds=2', audio, {
    'Content-Type': 'audio/wav',
  })
  await ok(two, '/v1/admin/users', {
    email: 'eva@example.com',
    role: 'viewer',
    password: 'a long password',
  })
  await ok(two, '/api/v1/webhooks', { url: 'https://93.184.216.34/hook', events: ['*'] })
  const started = await two.request('POST', '/v1/exports', {
    dataset: 'calls',
    dateFrom: '2026-10-20',
    dateTo: '2026-11-20',
  })
  const exported = started.json.data.exportId
  earshot.ports.jobs.start()
  let bytes = ''
  await until('the export is made', async () => {
    const { data } = (await two.request('GET', `/v1/exports/${exported}`)).json
    if (data.status !== 'completed') return false
    bytes = await (await fetch(data.files[0].downloadUrl)).text()
    return true
  })
  const moved = {
    keys: accounts.map((account) => account.apiKey),
    answers: await Promise.all(accounts.map(answersOf)),
    cursors: await Promise.all(accounts.map(async (account) => (await readAllChanges(account, 'calls')).cursor)),
    exported,
    bytes,
  }
  await earshot.close()
  return moved
}

async function sendDemo(account: TestAccount, calls: number, seed: number): Promise<void> {
  const demo = collectDemo({ seed, calls, days: 20, endsAt })
  for (const [collection, records] of Object.entries(demo)) await ingest(account, collection, records)
  const [first, second, third] = demo['calls']?.map((call) => String(call['id'])) ?? []
  await ingest(account, 'calls', [{ id: first, notes: 'Corrected ‘later’', startedAt: '2026-10-30T00:00:00Z' }])
  await account.request('DELETE', `/v1/ingest/calls/${second}`)
  const turns = [{ id: 'final-1', participant: 'agent', text: 'Buenos días', at: '2026-11-02T10:00:00Z' }]
  await account.request('PUT', `/v1/ingest/calls/${third}/turns`, turns)
  await ingest(account, 'turns', [{ ...turns[0], id: 'early', callId: 'not-there-yet' }])
}

/** Makes something; fails the test when that is refused. */
async function ok(account: TestAccount, path: string, body: object): Promise<void> {
  const { status, text } = await account.request('POST', path, body)
  if (status >= 300) throw new Error(text)
}

/** What the surfaces answer an account. */
export async function answersOf(account: Pick<TestAccount, 'request'>): Promise<Record<string, unknown>> {
  const answers: Record<string, unknown> = {}
  const paths = [
    '/v1/records/calls?limit=1000',
    '/v1/records/turns?limit=1000',
    '/v1/records/evaluations?limit=1000',
    '/v1/records/agents?limit=1000',
    '/v1/analytics/summary?dateFrom=2026-11-01&dateTo=2026-11-20&timezone=America/Santiago',
    '/v1/analytics/trends?dateFrom=2026-11-01&dateTo=2026-11-20&granularity=daily',
    '/v1/analytics/executives?dateFrom=2026-11-01&dateTo=2026-11-20',
    '/v1/sa/call?afterCallId=0&pageSize=100',
    '/v1/sa/call?afterCallId=10&format=csv',
    '/v1/exports',
    '/v1/admin/users',
    '/api/v1/webhooks',
    '/api/v1/calls?q=buenos',
  ]
  for (const path of paths) {
    const { status, text } = await account.request('GET', path)
    if (status !== 200) throw new Error(text)
    answers[path] = { text: text.replaceAll(/https?:\/\/[^"\s]*/g, '(link)') }
  }
  for (const collection of ['calls', 'turns', 'surveys', 'customers']) {
    answers[collection] = (await readAllChanges(account, collection)).rows
  }
  return answers
}
