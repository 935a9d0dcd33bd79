import { afterAll, beforeAll, expect, test } from 'vitest'
import { wavFile } from '../../../test/audioFiles.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'

let earshot: TestApp
let account: TestAccount

beforeAll(async () => {
  earshot = await openTestApp()
  account = await earshot.account()
})
afterAll(() => earshot.close())

const wav = wavFile(1, () => [0.5])

/** Gives a new call a recording; the id that the feed tells of it. */
async function recordedCall(id: string): Promise<string> {
  const call = { id, channel: 'phone', status: 'completed', startedAt: '2026-05-03T14:05:07Z', durationSeconds: 1 }
  expect((await account.request('POST', '/v1/ingest/calls', call)).status).toBe(200)
  const path = `/v1/ingest/calls/${encodeURIComponent(id)}/recording`
  expect((await account.request('PUT', path, wav, { 'Content-Type': 'audio/wav' })).status).toBe(200)
  const { json } = await account.request('GET', '/v1/sa/call?sort_by=documentId&sort_dir=desc')
  return json[0].recording
}

/** Asks with the feed's own token. */
const fetchAs = (path: string, token = account.jwt, headers: Record<string, string> = {}) =>
  fetch(`${earshot.url}${path}`, { headers: { Authorization: `Bearer ${token}`, ...headers } })

test('the id that the feed gives downloads the audio with the same token', async () => {
  const recording = await recordedCall('call-1')
  const answer = await fetchAs(`/v1/data/${recording}/file`)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('audio/wav')
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="call-1.wav"')
  expect(Buffer.from(await answer.arrayBuffer()).equals(wav)).toBe(true)
  const part = await fetchAs(`/v1/data/${recording}/file`, account.jwt, { Range: 'bytes=4-7' })
  expect([part.status, Buffer.from(await part.arrayBuffer())]).toEqual([206, wav.subarray(4, 8)])
})

test('and gives a link to it, that ends in the name of the file', async () => {
  const recording = await recordedCall('call:2@x+y')
  const answer = await fetchAs(`/v1/data/${recording}/file/url`)
  const { url } = (await answer.json()) as { url: string }
  expect(url).toMatch(/\/call_2_x_y\.wav$/)
  const linked = await fetch(url)
  expect(linked.headers.get('content-disposition')).toBe('attachment; filename="call:2@x+y.wav"')
  expect(Buffer.from(await linked.arrayBuffer()).equals(wav)).toBe(true)
})

test('a recording of another account, of a deleted call, and one that was replaced are not there', async () => {
  const envelope = { error: { reason: 'Not Found', detail: expect.stringContaining('recording') } }
  const recording = await recordedCall('call-3')
  const other = await earshot.account()
  const isThere = async (id: string, token?: string) => {
    const answer = await fetchAs(`/v1/data/${id}/file`, token)
    if (answer.status === 200) return true
    expect([answer.status, await answer.json()]).toEqual([404, envelope])
    return false
  }
  expect(await isThere(recording, other.jwt)).toBe(false)
  expect(await isThere('nonsense')).toBe(false)
  expect(await isThere(recording.toUpperCase())).toBe(true)
  const path = '/v1/ingest/calls/call-3/recording'
  await account.request(
    'PUT',
    path,
    wavFile(2, () => [0.1]),
    { 'Content-Type': 'audio/wav' },
  )
  expect(await isThere(recording)).toBe(false)
  const deleted = await recordedCall('call-4')
  await account.request('DELETE', '/v1/ingest/calls/call-4')
  expect(await isThere(deleted)).toBe(false)
  const reader = await earshot.account({ scopes: ['analytics:read'] })
  const refused = await fetchAs(`/v1/data/${recording}/file`, reader.jwt)
  expect([refused.status, await refused.json()]).toEqual([
    403,
    { error: { reason: 'Forbidden', detail: expect.any(String) } },
  ])
})
