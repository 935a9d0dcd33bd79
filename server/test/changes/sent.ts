import { expect } from 'vitest'
import type { Json } from '../model/recordsModel.ts'
import type { TestAccount } from '../testApp.ts'

const startedAt = '2026-05-03T14:05:07.123Z'

/** A call that can be sent. */
export function callOf(id: string, more: Json = {}): Json {
  return { id, channel: 'phone', status: 'completed', startedAt, durationSeconds: 60, ...more }
}

/** A turn that can be sent. */
export function turnOf(id: string, callId: string, more: Json = {}): Json {
  return { id, callId, participant: 'agent', at: startedAt, ...more }
}

/** Sends records, which must be taken. */
export async function send(account: TestAccount, collection: string, records: Json | Json[]): Promise<void> {
  const answer = await account.request('POST', `/v1/ingest/${collection}`, records)
  expect(answer.status, answer.text).toBe(200)
}

/** Deletes a record, named as in the path. */
export async function remove(account: TestAccount, path: string): Promise<void> {
  expect((await account.request('DELETE', `/v1/ingest/${path}`)).status).toBe(200)
}
