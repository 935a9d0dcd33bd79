import { createHash, createHmac, randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { audioFile, wavFile, wavHeader } from '../../../test/audioFiles.ts'
import { storedBytes } from '../../../test/files/storedBytes.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { systemContext } from '../../context.ts'
import { recordingLink } from '../../features/recordings/recordingLink.ts'
import { sweepRecordingFiles, sweepRecordings } from '../../features/recordings/sweepRecordings.ts'
import { attachRecording, beginUpload, noteStored } from '../../features/recordings/storeRecording.ts'
import { recordingFormats } from '../../features/recordings/formats.ts'
import { reconcileRecording } from '../../features/recordings/reconcileRecording.ts'
import { recordingKey } from '../../features/recordings/recording.ts'
import { sql } from '../../store/postgres/postgres.ts'

let earshot: TestApp
let account: TestAccount

const maxBytes = 80 * 1024 * 1024

beforeAll(async () => {
  earshot = await openTestApp({ EARSHOT_RECORDING_MAX_BYTES: String(maxBytes) })
  account = await earshot.account()
})
afterAll(() => earshot.close())

let calls = 0

async function newCall(of = account): Promise<string> {
  const id = `call-${++calls}`
  const call = { id, channel: 'phone', status: 'completed', startedAt: '2026-11-20T10:00:00Z', durationSeconds: 60 }
  expect((await of.request('POST', '/v1/ingest/calls', call)).status).toBe(200)
  return id
}

const put = (id: string, body: Uint8Array, contentType = 'audio/wav', headers: Record<string, string> = {}) =>
  account.request('PUT', `/v1/ingest/calls/${id}/recording`, body, { 'Content-Type': contentType, ...headers })

const linkOf = (id: string, of = account) => recordingLink(systemContext(earshot.ports, of.id), id)

const rowsOf = (callId: string) =>
  earshot.ports.postgres.query<{ id: string; state: string }>(
    sql`SELECT id, state FROM recordings WHERE call_id = ${callId} ORDER BY created_at`,
  )

async function storedKeys(): Promise<string[]> {
  const keys: string[] = []
  for await (const key of earshot.ports.files.list('recordings/')) keys.push(key)
  return keys
}

async function recordOf(id: string): Promise<Record<string, unknown>> {
  return (await account.request('GET', `/v1/records/calls/${id}`)).json.data
}

const wav = wavFile(2, () => [0.5, 0.25])

describe('an upload', () => {
  test('is stored, told on the call, and comes back byte for byte', async () => {
    const id = await newCall()
    const before = await recordOf(id)
    const sent = await put(id, wav)
    expect(sent.status).toBe(200)
    expect(sent.json).toEqual({ data: { callId: id, recordingId: expect.any(String), bytes: wav.length } })
    const after = await recordOf(id)
    expect(after).toMatchObject({
      recordingId: sent.json.data.recordingId,
      recordingFormat: 'wav',
      recordingBytes: wav.length,
      recordingDurationSeconds: 2,
    })
    expect(Number(after['sequence'])).toBeGreaterThan(Number(before['sequence']))
    const link = await linkOf(id)
    expect(link).toMatchObject({ format: 'wav', durationSeconds: 2 })
    const answer = await fetch(link.url)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'audio/wav',
      'content-disposition': `attachment; filename="${id}.wav"`,
      etag: `"${createHash('sha256').update(wav).digest('hex')}"`,
    })
    expect(Buffer.from(await answer.arrayBuffer()).equals(wav)).toBe(true)
  })

  test('of the same bytes again changes nothing', async () => {
    const id = await newCall()
    const first = await put(id, wav)
    const sequence = (await recordOf(id))['sequence']
    const again = await put(id, wav, 'audio/x-wav')
    expect(again.json).toEqual(first.json)
    expect((await recordOf(id))['sequence']).toBe(sequence)
    expect(await rowsOf(id)).toEqual([{ id: first.json.data.recordingId, state: 'stored' }])
  })

  test('of the same bytes many times at once makes one recording', async () => {
    const id = await newCall()
    const sent = await Promise.all(Array.from({ length: 6 }, () => put(id, wav)))
    expect(sent.map(({ status }) => status)).toEqual(sent.map(() => 200))
    const [recordingId, ...others] = new Set(sent.map(({ json }) => json.data.recordingId))
    expect(others).toEqual([])
    expect((await recordOf(id))['recordingId']).toBe(recordingId)
    expect(await rowsOf(id)).toEqual([{ id: recordingId, state: 'stored' }])
    expect((await put(id, wav)).json.data.recordingId).toBe(recordingId)
  })

  test('takes the place of an earlier one, whose link ends and whose bytes go', async () => {
    const id = await newCall()
    const first = await put(id, wav)
    const { url } = await linkOf(id)
    const second = await put(id, audioFile('tone-opus.ogg'), 'audio/ogg')
    expect(second.json.data.recordingId).not.toBe(first.json.data.recordingId)
    expect((await fetch(url)).status).toBe(410)
    await sweepRecordings(earshot.ports)
    expect(await rowsOf(id)).toEqual([{ id: second.json.data.recordingId, state: 'stored' }])
    expect(await storedKeys()).not.toContain(recordingKey(first.json.data.recordingId))
    expect((await linkOf(id)).format).toBe('ogg')
  })

  test('by two senders at once leaves the one that the call names', async () => {
    const id = await newCall()
    const bodies = Array.from({ length: 6 }, (_, index) => wavFile(0.5, () => [index / 10]))
    const sent = await Promise.all(bodies.map((body) => put(id, body)))
    expect(sent.map(({ status }) => status)).toEqual(bodies.map(() => 200))
    const { recordingId } = await recordOf(id)
    const { now } = earshot.ports
    earshot.ports.now = () => Date.now() + 3 * 3_600_000
    await sweepRecordings(earshot.ports).finally(() => (earshot.ports.now = now))
    expect(await rowsOf(id)).toEqual([{ id: recordingId, state: 'stored' }])
    expect((await fetch((await linkOf(id)).url)).status).toBe(200)
  })

  test('under every name that its type goes by', async () => {
    const samples: Record<string, Buffer> = {
      ogg: audioFile('tone-opus.ogg'),
      wav,
      mp3: audioFile('tone.mp3'),
      webm: audioFile('tone.webm'),
      mp4: audioFile('tone.mp4'),
      flac: audioFile('tone.flac'),
    }
    for (const { name, contentType, aliases } of recordingFormats) {
      for (const type of [contentType, ...aliases, `${contentType.toUpperCase()}; codecs=x`]) {
        const sent = await put(await newCall(), samples[name] ?? Buffer.alloc(0), type)
        expect(sent.status, type).toBe(200)
      }
    }
  })
})

describe('an upload is refused', () => {
  /** Sends headers alone: what is answered before a byte of the body. */
  function answerBeforeBody(id: string, headers: Record<string, string>): Promise<number> {
    return new Promise((resolve, reject) => {
      const sent = request(
        `${earshot.url}/v1/ingest/calls/${id}/recording`,
        { method: 'PUT', headers: { 'X-Api-Key': account.apiKey, ...headers } },
        (answer) => {
          answer.resume()
          resolve(answer.statusCode ?? 0)
          sent.destroy()
        },
      )
      sent.on('error', reject)
      sent.flushHeaders()
    })
  }

  test('for a call that is not there, or is deleted, or is of another account: before the body', async () => {
    const [deleted, theirs] = [await newCall(), await newCall(await earshot.account())]
    await account.request('DELETE', `/v1/ingest/calls/${deleted}`)
    for (const id of ['unknown', deleted, theirs]) {
      expect(await answerBeforeBody(id, { 'Content-Type': 'audio/wav', 'Content-Length': '1000000' }), id).toBe(404)
    }
  })

  test.each([
    ['text/plain', wav, 'The content type "text/plain" is not taken'],
    ['audio/mp4a', wav, 'is not taken'],
    ['audio/ogg', wav, 'but the bytes are audio/wav'],
    ['audio/mpeg', audioFile('tone.flac'), 'but the bytes are audio/flac'],
    ['audio/wav', Buffer.from('{"callId": "what is this?"}'), 'but the bytes are text'],
    ['audio/wav', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]), 'compressed with gzip'],
    ['audio/mpeg', Buffer.from([0xff, 0xf1, 0x50, 0x80, 0, 0, 0, 0]), 'of no format that is known'],
  ])('as of another type than %s', async (contentType, body, message) => {
    const id = await newCall()
    const sent = await put(id, body, contentType)
    expect([sent.status, sent.json.error.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE'])
    expect(sent.json.error.message).toContain(message)
    expect(await rowsOf(id)).toEqual([])
  })

  test('empty, too large, or with a duration that is none', async () => {
    const id = await newCall()
    expect((await put(id, Buffer.alloc(0))).status).toBe(422)
    expect(await answerBeforeBody(id, { 'Content-Type': 'audio/wav', 'Content-Length': String(maxBytes + 1) })).toBe(
      413,
    )
    for (const query of ['durationSeconds=-1', 'durationSeconds=x', 'channels=0', 'channels=1.5']) {
      const sent = await account.request('PUT', `/v1/ingest/calls/${id}/recording?${query}`, wav, {
        'Content-Type': 'audio/wav',
      })
      expect(sent.status, query).toBe(422)
    }
    expect(await rowsOf(id)).toEqual([])
  })

  test('with a wrong signature, which only its end shows', async () => {
    const id = await newCall()
    const path = `/v1/ingest/calls/${id}/recording`
    const signedWith = (secret: string) => {
      const timestamp = String(Math.floor(Date.now() / 1000))
      const hash = createHash('sha256').update(wav).digest('base64')
      const signature = createHmac('sha256', secret).update(`${timestamp}.PUT.${path}.${hash}`).digest('base64')
      return { 'X-Timestamp': timestamp, 'X-Signature': signature }
    }
    expect((await put(id, wav, 'audio/wav', signedWith('wrong'))).status).toBe(401)
    expect(await rowsOf(id)).toEqual([])
    expect(await recordOf(id)).not.toHaveProperty('recordingId')
    expect((await put(id, wav, 'audio/wav', signedWith(account.hmacSecret))).status).toBe(200)
  })

  test('without the scope, and with too little disk', async () => {
    const id = await newCall()
    const reader = await earshot.account({ scopes: ['calls:read'] })
    const refused = await reader.request('PUT', `/v1/ingest/calls/${id}/recording`, wav, {
      'Content-Type': 'audio/wav',
    })
    expect(refused.status).toBe(403)
    earshot.ports.config.minimumFreeBytes = Number.MAX_SAFE_INTEGER
    try {
      expect((await put(id, wav)).status).toBe(507)
    } finally {
      earshot.ports.config.minimumFreeBytes = 0
    }
  })

  test('and broken off leaves nothing', async () => {
    const id = await newCall()
    const keys = await storedKeys()
    const sent = request(`${earshot.url}/v1/ingest/calls/${id}/recording`, {
      method: 'PUT',
      headers: { 'X-Api-Key': account.apiKey, 'Content-Type': 'audio/wav', 'Content-Length': '10000000' },
    })
    sent.on('error', () => {})
    sent.write(Buffer.concat([wavHeader(9_999_956), Buffer.alloc(300_000)]))
    await expect.poll(() => rowsOf(id)).toHaveLength(1)
    sent.destroy(new Error('gone'))
    await expect.poll(() => rowsOf(id)).toEqual([])
    expect(await storedKeys()).toEqual(keys)
    await expect.poll(() => storedBytes(earshot.ports.config).unfinished()).toEqual([])
  })
})

test('a large recording goes through in pieces: memory does not grow with it', async () => {
  const id = await newCall()
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const [piece, count] = [randomBytes(256 * 1024), 256]
  let max = 0
  const look = () => {
    // What is found to be garbage is given back beside the program: surely once the next search begins.
    collectGarbage()
    collectGarbage()
    max = Math.max(max, process.memoryUsage().arrayBuffers)
  }
  look()
  const before = max
  const hash = createHash('sha256')
  async function* audio(): AsyncGenerator<Uint8Array> {
    const header = wavHeader(piece.length * count)
    hash.update(header)
    yield header
    for (let index = 0; index < count; index++) {
      hash.update(piece)
      yield piece
      if (index % 32 === 31) look()
    }
  }
  const sent = await fetch(`${earshot.url}/v1/ingest/calls/${id}/recording`, {
    method: 'PUT',
    headers: { 'X-Api-Key': account.apiKey, 'Content-Type': 'audio/wav' },
    body: ReadableStream.from(audio()),
    duplex: 'half',
  })
  expect(sent.status).toBe(200)
  expect(await sent.json()).toMatchObject({ data: { bytes: 44 + piece.length * count } })
  const answer = await fetch((await linkOf(id)).url)
  const received = createHash('sha256')
  let bytes = 0
  for await (const chunk of answer.body ?? []) {
    received.update(chunk)
    if (Math.floor((bytes += chunk.length) / 8e6) > Math.floor((bytes - chunk.length) / 8e6)) look()
  }
  expect(received.digest('hex')).toBe(hash.digest('hex'))
  // Of 64 MiB that went in and out, buffers on both sides of the connection; to a bucket two parts of 8 MiB besides.
  expect(max - before).toBeLessThan(48 * 1024 * 1024)
})

test('a file that is all comments is not taken apart beside other requests', async () => {
  const bytes = 7 * 1024 * 1024
  const tag = Buffer.from(
    ['ID3', '\x04\0\0', [21, 14, 7, 0].map((at) => String.fromCharCode((bytes >> at) & 127)).join('')].join(''),
    'latin1',
  )
  const comments = Buffer.alloc(bytes, 'TXXX\0\0\0\x04\0\0\0A\0B', 'latin1')
  const { ports } = earshot
  const { files } = ports
  let blocks = 0
  ports.files = { ...files, read: (...given) => files.read(...given).finally(() => blocks++) }
  try {
    const sent = await put(
      await newCall(),
      Buffer.concat([tag, comments, Buffer.from([0xff, 0xfb, 0x90, 0])]),
      'audio/mpeg',
    )
    expect(sent.status).toBe(200)
  } finally {
    ports.files = files
  }
  expect(blocks).toBeLessThan(10)
})

describe('a player', () => {
  const ogg = audioFile('tone-vorbis.ogg')
  let url = ''

  beforeAll(async () => {
    const id = await newCall()
    await put(id, ogg, 'audio/ogg')
    url = (await linkOf(id)).url
  })

  const range = async (header: string, more: Record<string, string> = {}) => {
    const answer = await fetch(url, { headers: { Range: header, ...more } })
    return { answer, bytes: Buffer.from(await answer.arrayBuffer()) }
  }

  test('asks for all, looks at the tail for the length, then jumps', async () => {
    const all = await range('bytes=0-')
    expect([all.answer.status, all.answer.headers.get('content-range')]).toEqual([
      206,
      `bytes 0-${ogg.length - 1}/${ogg.length}`,
    ])
    expect(all.bytes.equals(ogg)).toBe(true)
    const etag = all.answer.headers.get('etag') ?? ''
    const tail = await range(`bytes=${ogg.length - 1000}-`, { 'If-Range': etag })
    expect([tail.answer.status, tail.bytes.equals(ogg.subarray(-1000))]).toEqual([206, true])
    for (const start of [3000, 1, 5000, ogg.length - 1]) {
      const jump = await range(`bytes=${start}-`)
      expect([jump.answer.status, jump.bytes.equals(ogg.subarray(start))]).toEqual([206, true])
      expect(jump.answer.headers.get('content-type')).toBe('audio/ogg')
      expect(jump.answer.headers.get('accept-ranges')).toBe('bytes')
    }
  })

  test('gets 416 past the end, the whole for another state of the file, and the head alone', async () => {
    expect((await range(`bytes=${ogg.length}-`)).answer.status).toBe(416)
    expect((await range('bytes=0-9', { 'If-Range': '"another"' })).answer.status).toBe(200)
    const head = await fetch(url, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, String(ogg.length), ''])
  })
})

describe('a link', () => {
  test('lives an hour, and says so', async () => {
    const id = await newCall()
    await put(id, wav)
    const { now } = earshot.ports
    const at = Date.now()
    try {
      earshot.ports.now = () => at
      const { url, expiresAt } = await linkOf(id)
      expect(expiresAt.getTime()).toBe(at + 3_600_000)
      earshot.ports.now = () => at + 3_600_000 - 1
      expect((await fetch(url)).status).toBe(200)
      earshot.ports.now = () => at + 3_600_000
      expect((await fetch(url)).status).toBe(410)
    } finally {
      earshot.ports.now = now
    }
  })

  test('ends with its call, whose bytes go, and with its account', async () => {
    const id = await newCall()
    const { recordingId } = (await put(id, wav)).json.data
    const { url } = await linkOf(id)
    await account.request('DELETE', `/v1/ingest/calls/${id}`)
    expect((await fetch(url)).status).toBe(410)
    await expect(linkOf(id)).rejects.toMatchObject({ code: 'RESOURCE_NOT_FOUND' })
    await sweepRecordings(earshot.ports)
    expect(await rowsOf(id)).toEqual([])
    expect(await storedKeys()).not.toContain(recordingKey(recordingId))

    const other = await earshot.account()
    const theirs = await newCall(other)
    await other.request('PUT', `/v1/ingest/calls/${theirs}/recording`, wav, { 'Content-Type': 'audio/wav' })
    const link = await linkOf(theirs, other)
    await earshot.ports.postgres.run(sql`UPDATE accounts SET disabled_at = now() WHERE id = ${other.id}`)
    expect((await fetch(link.url)).status).toBe(403)
  })

  test("is not given for another account's call, nor without a recording", async () => {
    const id = await newCall()
    await expect(linkOf(id)).rejects.toMatchObject({ code: 'RESOURCE_NOT_FOUND' })
    await put(id, wav)
    await expect(linkOf(id, await earshot.account())).rejects.toMatchObject({ code: 'RESOURCE_NOT_FOUND' })
  })
})

describe('where it is stored', () => {
  test('no run of sixteen bytes of the audio is left', async () => {
    const id = await newCall()
    const audio = wavFile(3, (second) => [second / 3])
    const { recordingId } = (await put(id, audio)).json.data
    const stored = await storedBytes(earshot.ports.config).read(recordingKey(recordingId))
    expect(stored.length).toBeGreaterThan(audio.length)
    const runs = new Set<string>()
    for (let at = 0; at + 16 <= audio.length; at++) runs.add(audio.toString('latin1', at, at + 16))
    for (let at = 0; at + 16 <= stored.length; at++) {
      expect(runs.has(stored.toString('latin1', at, at + 16)), `at ${at}`).toBe(false)
    }
  })

  test('a flipped bit breaks the answer instead of changing the sound', async () => {
    const id = await newCall()
    const audio = Buffer.concat([wavHeader(400_000), randomBytes(400_000)])
    const { recordingId } = (await put(id, audio)).json.data
    const { url } = await linkOf(id)
    const stored = await storedBytes(earshot.ports.config).read(recordingKey(recordingId))
    stored.writeUInt8(stored.readUInt8(200_000) ^ 4, 200_000)
    await storedBytes(earshot.ports.config).write(recordingKey(recordingId), stored)
    const received: Buffer[] = []
    const whole = await fetch(url)
    await expect(
      (async () => {
        for await (const chunk of whole.body ?? []) received.push(Buffer.from(chunk))
      })(),
    ).rejects.toThrow()
    const sound = Buffer.concat(received)
    expect(sound.length).toBeLessThan(audio.length)
    expect(sound.equals(audio.subarray(0, sound.length))).toBe(true)
    // What lies elsewhere still plays.
    const start = await fetch(url, { headers: { Range: 'bytes=0-99' } })
    expect(Buffer.from(await start.arrayBuffer()).equals(audio.subarray(0, 100))).toBe(true)
  })
})

const context = () => systemContext(earshot.ports, account.id)
const format = recordingFormats.find(({ name }) => name === 'wav') ?? { name: '', contentType: '', aliases: [] }
const lengths = { durationSeconds: 1, channels: 1 }
const facts = { format, given: lengths, said: lengths, isAnnounced: true }

const attach = (recordingId: string, callId: string) =>
  attachRecording(
    context(),
    { id: recordingId, callId, format: 'wav', bytes: wav.length, sha256: '', given: lengths, said: lengths },
    true,
  )

test('an upload whose call does not name it yet is left alone by another one that ends', async () => {
  const id = await newCall()
  const slow = await beginUpload(context(), id, format)
  await noteStored(
    context(),
    slow,
    await earshot.ports.files.put(recordingKey(slow), ReadableStream.from([wav])),
    facts,
  )
  const quick = (await put(id, audioFile('tone.flac'), 'audio/flac')).json.data.recordingId
  await sweepRecordings(earshot.ports)
  const { url } = await linkOf(id)
  await attach(slow, id)
  await reconcileRecording(context(), { id: slow, callId: id })
  expect((await fetch(url)).status).toBe(410)
  expect(Buffer.from(await (await fetch((await linkOf(id)).url)).arrayBuffer()).equals(wav)).toBe(true)
  // The quick one's end came late.
  await reconcileRecording(context(), { id: quick, callId: id })
  await sweepRecordings(earshot.ports)
  expect(await rowsOf(id)).toEqual([{ id: slow, state: 'stored' }])
})

describe('a process that dies', () => {
  async function sweepLater(hours: number): Promise<void> {
    const { now } = earshot.ports
    earshot.ports.now = () => Date.now() + hours * 3_600_000
    await sweepRecordings(earshot.ports).finally(() => (earshot.ports.now = now))
  }

  test('while bytes arrive, or before the call names them, leaves nothing', async () => {
    const id = await newCall()
    await beginUpload(context(), id, format)
    const second = await beginUpload(context(), id, format)
    const stored = await earshot.ports.files.put(recordingKey(second), ReadableStream.from([wav]))
    const third = await beginUpload(context(), id, format)
    await earshot.ports.files.put(recordingKey(third), ReadableStream.from([wav]))
    await noteStored(context(), third, stored, facts)
    await sweepLater(1)
    expect(await rowsOf(id)).toHaveLength(3)
    await sweepLater(3)
    expect(await rowsOf(id)).toEqual([])
    const keys = await storedKeys()
    expect(keys).not.toContain(recordingKey(second))
    expect(keys).not.toContain(recordingKey(third))
  })

  test('is not taken for one that took long and only waits for its turn', async () => {
    const id = await newCall()
    const { now } = earshot.ports
    earshot.ports.now = () => Date.now() - 7_000_000
    const long = await beginUpload(context(), id, format).finally(() => (earshot.ports.now = now))
    await noteStored(
      context(),
      long,
      await earshot.ports.files.put(recordingKey(long), ReadableStream.from([wav])),
      facts,
    )
    await sweepLater(1)
    await attach(long, id)
    await reconcileRecording(context(), { id: long, callId: id })
    expect(Buffer.from(await (await fetch((await linkOf(id)).url)).arrayBuffer()).equals(wav)).toBe(true)
  })

  test.each(['before', 'after'])(
    'is not taken for one that ends just %s the sweep has asked for its call',
    async (moment) => {
      const id = await newCall()
      const late = await beginUpload(context(), id, format)
      const stored = await earshot.ports.files.put(recordingKey(late), ReadableStream.from([wav]))
      const { clickhouse } = earshot.ports
      const rows = clickhouse.rows.bind(clickhouse)
      let end: Promise<void> | undefined
      const endUpload = async () => {
        await noteStored(context(), late, stored, facts)
        await attach(late, id)
      }
      clickhouse.rows = async <Row extends object>(...given: Parameters<typeof rows>) => {
        if (end) return rows<Row>(...given)
        end = Promise.resolve()
        const asked = moment === 'before' ? undefined : await rows<Row>(...given)
        end = endUpload()
        await end.catch(() => {})
        return asked ?? rows<Row>(...given)
      }
      await sweepLater(3).finally(() => (clickhouse.rows = rows))
      // Either it was given up, or its bytes are there: never a call that names what is gone.
      const [given] = await Promise.allSettled([end])
      expect((await recordOf(id))['recordingId']).toBe(given?.status === 'fulfilled' ? late : undefined)
      expect(await earshot.ports.files.size(recordingKey(late))).toBe(
        given?.status === 'fulfilled' ? wav.length : undefined,
      )
    },
  )

  test('after the call named them keeps them', async () => {
    const id = await newCall()
    const { recordingId } = (await put(id, wav)).json.data
    // As it stands between the turn and the settling.
    await earshot.ports.postgres.run(
      sql`UPDATE recordings SET check_at = now() + interval '2 hours' WHERE id = ${recordingId}`,
    )
    expect((await fetch((await linkOf(id)).url)).status).toBe(200)
    await sweepLater(3)
    expect(await rowsOf(id)).toEqual([{ id: recordingId, state: 'stored' }])
    expect((await fetch((await linkOf(id)).url)).status).toBe(200)
  })

  test('within the deletion of a call leaves no bytes', async () => {
    const id = await newCall()
    await put(id, wav)
    await account.request('DELETE', `/v1/ingest/calls/${id}`)
    // As it stands when the deletion was not told to the recordings any more.
    await earshot.ports.postgres.run(
      sql`UPDATE recordings SET state = 'stored', check_at = now() + interval '10 minutes' WHERE call_id = ${id}`,
    )
    await sweepLater(1)
    expect(await rowsOf(id)).toEqual([])
  })

  test('leaves files without a row to the daily sweep', async () => {
    const key = recordingKey('01234567-89ab-cdef-0123-456789abcdef')
    await earshot.ports.files.put(key, ReadableStream.from([wav]))
    const kept = (await storedKeys()).filter((stored) => stored !== key)
    await sweepRecordingFiles(earshot.ports)
    expect(await storedKeys()).toEqual(kept)
  })
})
