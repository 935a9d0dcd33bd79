import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openReceiver, type Receiver } from '../../../test/receiver.ts'
import { signedRequest, waitForEnd } from '../../../test/signedRequest.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { failExport } from './failExport.ts'

let earshot: TestApp
let account: TestAccount
let receiver: Receiver

beforeAll(async () => {
  earshot = await openTestApp({ EARSHOT_WEBHOOK_PRIVATE: '127.0.0.0/8' })
  receiver = await openReceiver()
})
afterAll(async () => {
  await receiver.close()
  await earshot.close()
})
beforeEach(async () => {
  account = await earshot.account()
  const body = { url: receiver.url, events: ['export.completed', 'export.failed'] }
  expect((await account.request('POST', '/api/v1/webhooks', body)).status).toBe(201)
})

async function start(): Promise<string> {
  const body = { dateFrom: '2026-05-01', dateTo: '2026-05-31' }
  const started = await signedRequest(earshot, account, 'POST', '/api/v1/exports/ai-calls', body)
  return started.json.data.jobId
}

test('the end of an export is announced once', async () => {
  const failed = await start()
  const job = { id: randomUUID(), kind: 'export', accountId: account.id, input: { exportId: failed }, attempt: 9 }
  for (let time = 0; time < 2; time++) {
    await failExport(earshot.ports, { ...job, signal: new AbortController().signal }, new Error('The disk is on fire.'))
  }
  const startedAt = '2026-05-03T14:05:07Z'
  const call = { id: 'c1', channel: 'phone', status: 'completed', startedAt, durationSeconds: 30 }
  await account.request('POST', '/v1/ingest/calls?announce=false', call)
  earshot.ports.jobs.start()
  await receiver.count(1)
  const completed = await start()
  await waitForEnd(earshot, account, completed)
  await receiver.count(2)
  expect(receiver.requests.map(({ json }) => [json.type, json.data])).toEqual([
    [
      'export.failed',
      {
        export_id: failed,
        datasets: ['ai-calls'],
        format: 'csv',
        status: 'failed',
        row_count: null,
        total_rows: null,
        truncated: null,
        files: [],
        error: expect.not.stringContaining('fire'),
        created_at: expect.any(String),
        completed_at: expect.any(String),
      },
    ],
    [
      'export.completed',
      {
        export_id: completed,
        datasets: ['ai-calls'],
        format: 'csv',
        status: 'completed',
        row_count: 1,
        total_rows: 1,
        truncated: false,
        files: [
          {
            dataset: 'ai-calls',
            name: expect.stringMatching(/\.csv$/),
            content_type: expect.stringContaining('text/csv'),
            bytes: expect.any(Number),
            sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
            row_count: 1,
          },
        ],
        error: null,
        created_at: expect.any(String),
        completed_at: expect.any(String),
      },
    ],
  ])
})
