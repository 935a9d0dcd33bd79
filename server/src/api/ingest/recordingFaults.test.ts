import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { audioFile, wavFile, wavHeader } from '../../../test/audioFiles.ts'
import { storedBytes } from '../../../test/files/storedBytes.ts'
import { bigEndian, id3Tag, mp3Frames, oggFile, opusHead, opusPages, opusTags } from '../../../test/madeAudio.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { systemContext } from '../../context.ts'
import { recordingKey } from '../../features/recordings/recording.ts'
import { storeRecording } from '../../features/recordings/storeRecording.ts'
import { recordingLink } from '../../features/recordings/recordingLink.ts'
import { sweepRecordings } from '../../features/recordings/sweepRecordings.ts'
import { sql } from '../../store/postgres/postgres.ts'

let earshot: TestApp
let account: TestAccount

beforeAll(async () => {
  earshot = await openTestApp({ EARSHOT_RECORDING_MAX_BYTES: '3000000' })
  earshot.ports.jobs.start()
  account = await earshot.account()
})
afterAll(() => earshot.close())

let calls = 0

async function newCall(): Promise<string> {
  const id = `call-${++calls}`
  const startedAt = new Date(Date.now() - 600_000).toISOString()
  const call = { id, channel: 'phone', status: 'completed', startedAt, durationSeconds: 99 }
  expect((await account.request('POST', '/v1/ingest/calls', call)).status).toBe(200)
  return id
}

const pathOf = (id: string): string => `/v1/ingest/calls/${id}/recording`
const put = (id: string, body: Buffer, contentType: string, query = '') =>
  account.request('PUT', pathOf(id) + query, body, { 'Content-Type': contentType })
const linkOf = (id: string) => recordingLink(systemContext(earshot.ports, account.id), id)
const recordOf = async (id: string) => (await account.request('GET', `/v1/records/calls/${id}`)).json.data
const rowOf = (recordingId: string) =>
  earshot.ports.postgres.first<{ waveform: string; format: string; content_type: string; state: string }>(
    sql`SELECT * FROM recordings WHERE id = ${recordingId}`,
  )
const settled = (recordingId: string) =>
  expect.poll(async () => (await rowOf(recordingId))?.waveform).not.toBe('pending')

/** A call with this recording, decoded, and every length that is told of it. */
async function lengthsOf(body: Buffer, contentType: string, query = '') {
  const id = await newCall()
  const sent = await put(id, body, contentType, query)
  expect(sent.status).toBe(200)
  await settled(sent.json.data.recordingId)
  const waveform = (await account.request('GET', `/v1/records/calls/${id}/waveform`)).json.data
  return {
    id,
    recordingId: String(sent.json.data.recordingId),
    record: (await recordOf(id)).recordingDurationSeconds,
    link: (await linkOf(id)).durationSeconds,
    waveform: waveform?.durationSeconds,
    channels: waveform?.channels.length,
  }
}

const opus = (seconds: number, start = 0) =>
  oggFile([opusHead(1), { packets: [opusTags()], position: 0 }, ...opusPages(seconds, { start: start * 48_000 })])

describe('what can be decoded is how long a recording is, for its record, its link and its waveform:', () => {
  const [slow, quick] = [mp3Frames(100, 8000), mp3Frames(200, 48_000)]
  const flac = audioFile('tone.flac')
  const webm = audioFile('steps-browser.webm')
  test.each<[string, Buffer, string, number, number]>([
    ['two MP3s put together', Buffer.concat([audioFile('tone.mp3'), audioFile('tone.mp3')]), 'audio/mpeg', 7, 0.2],
    [
      'an MP3 that changes its rate',
      Buffer.concat([slow.bytes, quick.bytes]),
      'audio/mpeg',
      slow.seconds + quick.seconds,
      0.15,
    ],
    ['half an MP3', audioFile('tone.mp3').subarray(0, audioFile('tone.mp3').length / 2), 'audio/mpeg', 1.75, 0.1],
    ['half a FLAC', flac.subarray(0, (soundOf(flac) + flac.length) / 2), 'audio/flac', 1.75, 0.3],
    ['half a WebM', webm.subarray(0, webm.length / 2), 'audio/webm', 2, 0.4],
    ['an Ogg that begins at an hour', opus(10, 3600), 'audio/ogg', 10, 0.001],
    // Three of ten pages, and half of the fourth.
    ['an Ogg that is cut within a page', opus(10).subarray(0, 500), 'audio/ogg', 3, 0.001],
    ['two Oggs one after the other', Buffer.concat([opus(3), opus(2)]), 'audio/ogg', 5, 0.001],
    [
      'an Ogg whose comments take several pages',
      oggFile([
        opusHead(1),
        { packets: [opusTags(255 * 250 - 16)], position: -1, isOpen: true },
        { packets: [Buffer.alloc(3000)], position: 0, isContinued: true },
        ...opusPages(2),
      ]),
      'audio/ogg',
      2,
      0.001,
    ],
    [
      'an Ogg that ends within a frame',
      oggFile([
        opusHead(1, 312),
        { packets: [opusTags()], position: 0 },
        ...opusPages(2, { isLast: false }),
        { packets: [Buffer.from([0xf8])], position: 96_000 + 480, isLast: true },
      ]),
      'audio/ogg',
      // Less what stands before the sound, as its head says.
      2.01 - 312 / 48_000,
      0.001,
    ],
    [
      'a WAV with a chunk behind its samples',
      Buffer.concat([
        wavFile(1, () => [1]),
        Buffer.from('LIST'),
        Buffer.from([0x80, 0x3e, 0, 0]),
        Buffer.alloc(16_000, 1),
      ]),
      'audio/wav',
      1,
      0,
    ],
    [
      'an MP3 behind a tag of 300 KiB',
      Buffer.concat([id3Tag(300 * 1024), slow.bytes]),
      'audio/mpeg',
      slow.seconds,
      0.1,
    ],
    ['a FLAC behind a tag', Buffer.concat([id3Tag(5000), flac]), 'audio/flac', 3.5, 0.01],
  ])('%s', async (_, body, contentType, seconds, tolerance) => {
    const { record, link, waveform, channels } = await lengthsOf(body, contentType)
    expect(Math.abs(waveform - seconds)).toBeLessThanOrEqual(tolerance)
    expect([record, link]).toEqual([waveform, waveform])
    expect(channels).toBe(1)
  })

  test('none at all is 0', async () => {
    const { record, link, id } = await lengthsOf(wavHeader(0), 'audio/wav')
    expect([record, link]).toEqual([0, 0])
    const waveform = await account.request('GET', `/v1/records/calls/${id}/waveform`)
    expect([waveform.status, waveform.json.error.message]).toEqual([404, expect.stringContaining('It holds no sound.')])
  })
})

describe('a file that is all headers is not read to its end when it comes:', () => {
  /** An element of Matroska, its length in four bytes. */
  const element = (id: string, content: Buffer): Buffer =>
    Buffer.concat([Buffer.from(id, 'hex'), bigEndian(0x10000000 + content.length, 4), content])
  const tag = element('7373', element('67c8', Buffer.from('45a3814144878142', 'hex')))
  const comment = Buffer.concat([Buffer.from([4, 0, 0, 12]), Buffer.from([0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0])])
  test.each<[string, Buffer]>([
    ['audio/flac', Buffer.concat([audioFile('tone.flac').subarray(0, 42), repeated(comment, 2_500_000)])],
    [
      'audio/webm',
      Buffer.concat([
        element('1a45dfa3', Buffer.from('4282847765626d', 'hex')),
        element('18538067', element('1254c367', repeated(tag, 2_500_000))),
      ]),
    ],
  ])('%s', async (contentType, body) => {
    const { ports } = earshot
    const { files } = ports
    let blocks = 0
    const id = await newCall()
    ports.files = { ...files, read: (...given) => files.read(...given).finally(() => blocks++) }
    const context = systemContext({ ...ports }, account.id)
    ports.files = files
    const sent = await storeRecording(context, {
      callId: id,
      contentType,
      content: Readable.from([body]),
      durationSeconds: undefined,
      channels: undefined,
      isAnnounced: true,
    })
    expect(sent.bytes).toBe(body.length)
    expect(blocks).toBeGreaterThan(0)
    expect(blocks).toBeLessThan(15)
  })
})

describe('a length that its sender gives', () => {
  test('counts before what is decoded, and is corrected by the same bytes with another', async () => {
    const wav = wavFile(3, () => [1])
    const { id, recordingId, record, link } = await lengthsOf(wav, 'audio/wav', '?durationSeconds=7.25')
    expect([record, link]).toEqual([7.25, 7.25])
    const again = await put(id, wav, 'audio/wav', '?durationSeconds=3.5')
    expect(again.json.data.recordingId).toBe(recordingId)
    expect([(await recordOf(id)).recordingDurationSeconds, (await linkOf(id)).durationSeconds]).toEqual([3.5, 3.5])
    const { sequence } = await recordOf(id)
    await put(id, wav, 'audio/wav', '?durationSeconds=3.5')
    await put(id, wav, 'audio/wav')
    expect((await recordOf(id)).sequence).toBe(sequence)
  })

  test('in channels cuts the waveform', async () => {
    const wav = wavFile(1, () => [1, 0.5])
    const { id, channels } = await lengthsOf(wav, 'audio/wav')
    expect(channels).toBe(2)
    await put(id, wav, 'audio/wav', '?channels=1')
    expect((await account.request('GET', `/v1/records/calls/${id}/waveform`)).json.data.channels).toHaveLength(1)
    expect((await recordOf(id)).recordingDurationSeconds).toBe(1)
  })
})

describe('bytes of a type that the sender does not know', () => {
  test('are judged by what they are', async () => {
    for (const type of ['application/octet-stream', 'binary/octet-stream']) {
      const id = await newCall()
      const sent = await put(id, audioFile('tone-opus.ogg'), type)
      expect(sent.status).toBe(200)
      expect(await rowOf(sent.json.data.recordingId)).toMatchObject({ format: 'ogg', content_type: 'audio/ogg' })
      expect((await recordOf(id)).recordingFormat).toBe('ogg')
      const answer = await fetch((await linkOf(id)).url)
      expect(answer.headers.get('content-type')).toBe('audio/ogg')
      await answer.arrayBuffer()
    }
    const other = await put(await newCall(), Buffer.from('hello, what am I?'), 'application/octet-stream')
    expect([other.status, other.json.error.message]).toEqual([
      415,
      expect.stringMatching(/^The bytes are text; send audio\/ogg/),
    ])
  })

  test('behind a tag are looked at too', async () => {
    const sent = await put(await newCall(), Buffer.concat([id3Tag(9000), audioFile('tone.flac')]), 'audio/mpeg')
    expect([sent.status, sent.json.error.message]).toEqual([
      415,
      expect.stringContaining('but the bytes are audio/flac'),
    ])
  })
})

test('a recording that is too large is told the limit and its setting', async () => {
  const sent = await put(await newCall(), Buffer.alloc(3_000_001), 'audio/wav')
  expect([sent.status, sent.json.error.message]).toEqual([
    413,
    'The body has more than 3000000 bytes; a recording comes whole, and the setting EARSHOT_RECORDING_MAX_BYTES says how long it may be.',
  ])
})

describe('a recording alone', () => {
  const wav = wavFile(1, () => [1])

  test('can be deleted: its link ends, its bytes go, the call stays', async () => {
    const id = await newCall()
    const { recordingId } = (await put(id, wav, 'audio/wav')).json.data
    const { url } = await linkOf(id)
    expect(await account.request('DELETE', pathOf(id))).toMatchObject({ status: 200, json: { data: { deleted: 1 } } })
    const call = await recordOf(id)
    expect(call).toMatchObject({ id, durationSeconds: 99 })
    expect(Object.keys(call).filter((name) => name.startsWith('recording'))).toEqual([])
    expect((await fetch(url)).status).toBe(410)
    await sweepRecordings(earshot.ports)
    expect(await earshot.ports.files.size(recordingKey(recordingId))).toBeUndefined()
    expect((await account.request('DELETE', pathOf(id))).status).toBe(404)
    expect((await account.request('DELETE', pathOf('unknown'))).status).toBe(404)
    const audited = await earshot.ports.postgres.query(
      sql`SELECT action FROM audit_events WHERE account_id = ${account.id} AND subject = ${`call:${id}`} AND action = 'recording.deleted'`,
    )
    expect(audited).toHaveLength(1)
    // Another one may come.
    expect((await put(id, wav, 'audio/wav')).status).toBe(200)
  })

  test('stays under a legal hold, and for whom may not write', async () => {
    const id = await newCall()
    await put(id, wav, 'audio/wav')
    const held = await account.request('PUT', `/v1/admin/holds/calls/${id}`, { reason: 'matter 1' })
    expect(held.status).toBe(200)
    const refused = await account.request('DELETE', pathOf(id))
    expect([refused.status, refused.json.error.code]).toEqual([409, 'CONFLICT'])
    expect((await fetch((await linkOf(id)).url)).status).toBe(200)
    const reader = await earshot.account({ scopes: ['calls:read'] })
    expect((await reader.request('DELETE', pathOf(id))).status).toBe(403)
    expect((await (await earshot.account()).request('DELETE', pathOf(id))).status).toBe(404)
  })
})

describe('a damaged recording', () => {
  test.each<[string, (stored: Buffer) => Buffer]>([
    ['at its start', (stored) => flipped(stored, 2)],
    ['in the name of its key', (stored) => flipped(stored, 17)],
    ['in its key', (stored) => flipped(stored, 60)],
    ['at its end', (stored) => flipped(stored, stored.length - 5)],
    ['cut off', (stored) => stored.subarray(0, stored.length - 100)],
    ['empty', () => Buffer.alloc(0)],
  ])('%s is gone, as its link says, and comes back by being sent again', async (_, damage) => {
    const id = await newCall()
    const wav = wavFile(2, () => [0.5])
    const { recordingId } = (await put(id, wav, 'audio/wav')).json.data
    await settled(recordingId)
    const files = storedBytes(earshot.ports.config)
    await files.write(recordingKey(recordingId), damage(await files.read(recordingKey(recordingId))))
    const { url } = await linkOf(id)
    for (const headers of [{}, { Range: 'bytes=0-9' }]) {
      const answer = await fetch(url, { headers })
      expect(answer.status).toBe(410)
      expect(await answer.text()).toContain('cannot be read')
    }
    expect((await account.request('GET', `/v1/records/calls/${id}`)).status).toBe(200)
    await put(id, wav, 'audio/wav')
    expect(Buffer.from(await (await fetch((await linkOf(id)).url)).arrayBuffer()).equals(wav)).toBe(true)
  })
})

/** As often as it takes for so many bytes. */
function repeated(part: Buffer, bytes: number): Buffer {
  return Buffer.alloc(Math.floor(bytes / part.length) * part.length, part)
}

/** Where the frames of a FLAC file begin. */
function soundOf(flac: Buffer): number {
  let at = 4
  for (let isLast = false; !isLast; at += 4 + flac.readUIntBE(at + 1, 3)) isLast = (flac.readUInt8(at) & 0x80) !== 0
  return at
}

test('a recording that is damaged in a part plays elsewhere, and never other sound', async () => {
  const id = await newCall()
  const wav = wavFile(20, () => [0.5])
  const { recordingId } = (await put(id, wav, 'audio/wav')).json.data
  await settled(recordingId)
  const files = storedBytes(earshot.ports.config)
  await files.write(recordingKey(recordingId), flipped(await files.read(recordingKey(recordingId)), 1000))
  const { url } = await linkOf(id)
  const later = await fetch(url, { headers: { Range: 'bytes=200000-200099' } })
  expect(Buffer.from(await later.arrayBuffer()).equals(wav.subarray(200_000, 200_100))).toBe(true)
  for (const headers of [{}, { Range: 'bytes=0-9' }]) {
    const answer = await fetch(url, { headers })
    expect(answer.status).toBe(410)
    expect(await answer.text()).toContain('cannot be read')
  }
})

/** Turns one bit around. */
function flipped(stored: Buffer, at: number): Buffer {
  stored.writeUInt8(stored.readUInt8(at) ^ 4, at)
  return stored
}
