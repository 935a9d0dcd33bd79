import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemContext } from '../../src/context.ts'
import { recordingLink } from '../../src/features/recordings/recordingLink.ts'
import { recordingKey, waveformKey } from '../../src/features/recordings/recording.ts'
import { openFiles } from '../../src/store/files/openFiles.ts'
import { sql } from '../../src/store/postgres/postgres.ts'
import { openS3 } from '../../src/store/s3/s3.ts'
import { s3LocationOf } from '../../src/store/s3/s3Location.ts'
import { secretsUnder } from '../../src/store/secrets/secrets.ts'
import { wavFile } from '../audioFiles.ts'
import { storedBytes } from '../files/storedBytes.ts'
import { allowObjects, denyObjects } from '../s3/bucketPolicy.ts'
import { openNetwork, type Network } from '../s3/network.ts'
import { startObjectStore, type ObjectStore, type TestBucket } from '../s3/objectStore.ts'
import { download, exportToEnd, signedRequest, waitForEnd } from '../signedRequest.ts'
import { openTestApp, type TestAccount, type TestApp } from '../testApp.ts'

// The whole program with its files in a bucket, behind a network that is cut.

let store: ObjectStore
let bucket: TestBucket
let network: Network
let earshot: TestApp
let account: TestAccount
const days = { dateFrom: '2026-05-03', dateTo: '2026-05-04' }
const rowCount = 36_000

beforeAll(async () => {
  store = await startObjectStore()
  bucket = await store.bucket()
  network = await openNetwork(store.port)
  earshot = await openTestApp(bucket.settings(network.endpoint))
  earshot.ports.jobs.start()
  account = await earshot.account()
  for (let from = 0; from < rowCount; from += 6_000) {
    const calls = Array.from({ length: 6_000 }, (_, index) => ({
      id: `c${from + index}`,
      channel: 'phone',
      status: 'completed',
      startedAt: '2026-05-03T14:05:07Z',
      durationSeconds: from + index,
      identity: `identity ${from + index} `.repeat(15),
    }))
    const sent = await account.request('POST', '/v1/ingest/calls', calls)
    expect(sent.status, sent.text.slice(0, 300)).toBe(200)
  }
})
afterAll(async () => {
  await earshot.close()
  await network.close()
  await store.stop()
})

/** What lies in the bucket, whether or not the program's network is cut. */
const inBucket = () => storedBytes({ ...earshot.ports.config, files: bucket.settings()['EARSHOT_FILES'] ?? '' })

/** The files of an export, also while the program's network is cut. */
async function filesOf(exportId: string): Promise<string[]> {
  const { config, log } = earshot.ports
  const files = await openFiles(
    { ...config, files: bucket.settings()['EARSHOT_FILES'] ?? '' },
    secretsUnder(randomBytes(32)),
    log,
  )
  const keys = []
  for await (const key of files.list(`exports/${exportId}/`)) keys.push(key)
  return keys
}

test('a recording lies encrypted in the bucket, and is served whole, in ranges and to HEAD', async () => {
  const audio = wavFile(20, (second) => [Math.sin(second)])
  const headers = { 'Content-Type': 'audio/wav' }
  const sent = await account.request('PUT', '/v1/ingest/calls/c1/recording', audio, headers)
  expect(sent.status, sent.text).toBe(200)
  const id: string = sent.json.data.recordingId
  const stored = await inBucket().read(recordingKey(id))
  expect(stored.length).toBeGreaterThan(audio.length)
  // Fewer bytes than these stand somewhere in any cipher, now and then.
  for (const plain of [audio.subarray(0, 12), audio.subarray(8, 20), audio.subarray(8_000, 8_032)])
    expect(stored.includes(plain)).toBe(false)
  const onDisk = join(earshot.ports.config.dataDirectory, 'files')
  expect(existsSync(onDisk) ? readdirSync(onDisk) : []).toEqual([])

  const { url } = await recordingLink(systemContext(earshot.ports, account.id), 'c1')
  const whole = await fetch(url)
  expect(whole.status).toBe(200)
  expect(Buffer.from(await whole.arrayBuffer()).equals(audio)).toBe(true)
  const head = await fetch(url, { method: 'HEAD' })
  expect([head.status, head.headers.get('content-length')]).toEqual([200, String(audio.length)])
  const part = await fetch(url, { headers: { Range: 'bytes=65530-131080' } })
  expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 65530-131080/${audio.length}`])
  expect(Buffer.from(await part.arrayBuffer()).equals(audio.subarray(65_530, 131_081))).toBe(true)
  await expect.poll(() => earshot.ports.files.size(waveformKey(id))).toBeGreaterThan(0)
  expect((await account.request('GET', '/v1/records/calls/c1')).json.data).toMatchObject({
    recordingDurationSeconds: 20,
  })
})

test('an export that an outage interrupts ends whole, once the store is back', async () => {
  const before = await exportToEnd(earshot, account, days)
  const expected = await download(before)
  expect(expected.length).toBeGreaterThan(8 * 1024 * 1024)

  const sentBytes = network.sentBytes()
  const started = await signedRequest(earshot, account, 'POST', '/api/v1/exports/ai-calls', days)
  const exportId: string = started.json.data.jobId
  // In the midst of a part.
  await expect.poll(() => network.sentBytes() - sentBytes, { interval: 5 }).toBeGreaterThan(1_000_000)
  network.cut()
  try {
    const away = await fetch(before.downloadUrl)
    expect([away.status, away.headers.get('retry-after')]).toEqual([503, '10'])
    expect(await away.json()).toMatchObject({ error: { code: 'UNAVAILABLE' } })
    const audio = wavFile(1, () => [0.5])
    const headers = { 'Content-Type': 'audio/wav' }
    const refused = account.request('PUT', '/v1/ingest/calls/c2/recording', audio, headers)
    // The outage outlasts the patience of whoever writes the file: the job is begun again.
    const attempts = () =>
      earshot.ports.postgres.first<{ attempt: number }>(sql`SELECT attempt FROM exports WHERE id = ${exportId}`)
    await expect.poll(async () => (await attempts())?.attempt, { interval: 100 }).toBeGreaterThan(1)
    expect((await signedRequest(earshot, account, 'GET', `/api/v1/exports/${exportId}`)).json.data).toMatchObject({
      status: 'processing',
    })
    expect((await refused).status).toBe(503)
    expect(await filesOf(exportId)).toEqual([])
  } finally {
    network.mend()
  }
  const ended = await waitForEnd(earshot, account, exportId)
  expect(ended).toMatchObject({ status: 'completed', rowCount })
  const content = await download(ended)
  expect(content.equals(expected)).toBe(true)
  const rows: unknown[] = parse(content, { columns: true, bom: true })
  expect(rows).toHaveLength(rowCount)
  expect(await filesOf(exportId)).toHaveLength(1)
  await earshot.ports.files.sweep()
  expect(await inBucket().unfinished()).toEqual([])
  expect((await fetch(before.downloadUrl)).status).toBe(200)
})

test('a store that refuses for a while ends no job: exports and waveforms are made when it accepts again', async () => {
  const { postgres, files } = earshot.ports
  const place = s3LocationOf(bucket.settings()['EARSHOT_FILES'] ?? '')
  if (!place) throw new Error('wrong address')
  const s3 = openS3(place, { ...bucket, log: { warn: () => {} } })
  const other = await earshot.account()
  const call = { channel: 'phone', status: 'completed', startedAt: '2026-05-03T14:05:07Z', durationSeconds: 60 }
  const sent = await other.request('POST', '/v1/ingest/calls', [
    { id: 'one', ...call },
    { id: 'two', ...call },
  ])
  expect(sent.status).toBe(200)
  const audio = wavFile(20, () => [0.5])
  const upload = (id: string) =>
    other.request('PUT', `/v1/ingest/calls/${id}/recording`, audio, { 'Content-Type': 'audio/wav' })
  const triesOf = async (kind: string) =>
    (await postgres.first<{ attempt: number; failures: number }>(sql`
      SELECT attempt, failures
      FROM jobs
      WHERE account_id = ${other.id}
        AND kind = ${kind}`)) ?? { attempt: 0, failures: 0 }

  await denyObjects({ s3, start: 'waveforms/' })
  const { recordingId } = (await upload('one')).json.data
  const { url } = await recordingLink(systemContext(earshot.ports, other.id), 'one')
  expect((await fetch(url)).status).toBe(200)
  await store.useSecret('another')
  const away = await fetch(url)
  expect([away.status, away.headers.get('retry-after')]).toEqual([503, '10'])
  expect(await away.json()).toMatchObject({ error: { code: 'UNAVAILABLE' } })
  const refused = await upload('two')
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '10'])
  const started = await signedRequest(earshot, other, 'POST', '/api/v1/exports/ai-calls', days)
  // More often than either kind may fail.
  for (const kind of ['export', 'waveform']) {
    await expect.poll(async () => (await triesOf(kind)).attempt).toBeGreaterThan(3)
    expect((await triesOf(kind)).failures, kind).toBe(0)
  }

  await store.useSecret(bucket.secretKey)
  expect(await waitForEnd(earshot, other, started.json.data.jobId)).toMatchObject({ status: 'completed', rowCount: 2 })
  await allowObjects(s3)
  await expect.poll(() => files.size(waveformKey(recordingId))).toBeGreaterThan(0)
  expect((await other.request('GET', '/v1/records/calls/one/waveform')).status).toBe(200)
  expect(await (await fetch(url)).arrayBuffer()).toEqual(audio.buffer)
  expect((await upload('two')).status).toBe(200)
})
