import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bytesInBucket, type StoredBytes } from '../../../test/files/storedBytes.ts'
import { keysOf, pieces, testFiles } from '../../../test/files/testFiles.ts'
import { openNetwork, type Network } from '../../../test/s3/network.ts'
import { startObjectStore, type ObjectStore, type TestBucket } from '../../../test/s3/objectStore.ts'
import { abandonedAfterMs, type Files } from './files.ts'
import { S3Refusal } from '../s3/s3Refusal.ts'
import { openS3, type S3 } from '../s3/s3.ts'
import { openS3Files } from './s3Files.ts'
import { s3LocationOf } from '../s3/s3Location.ts'
import { sweepUploads, uploadObject } from '../s3/s3Upload.ts'
import { elementsOf, textOf } from '../s3/s3Xml.ts'
import { secretsUnder } from '../secrets/secrets.ts'

const secrets = secretsUnder(randomBytes(32))
const retryTimes = { readMs: 30_000, writeMs: 60_000 }
/** For who is not to wait for a store that is away. */
const impatience = { readMs: 200, writeMs: 500 }
const partBytes = 8 * 1024 * 1024
const log = { warn: () => {} }
let store: ObjectStore
let bucket: TestBucket
let network: Network
let raw: S3
let stored: StoredBytes

beforeAll(async () => {
  store = await startObjectStore()
  bucket = await store.bucket()
  network = await openNetwork(store.port)
  raw = openS3(placeAt(store.endpoint), { ...bucket, log })
  stored = bytesInBucket(raw)
})
afterAll(async () => {
  await network.close()
  await store.stop()
})

function placeAt(endpoint: string, bucketName = bucket.name) {
  const location = s3LocationOf(`s3://${bucketName}/calls/data?endpoint=${endpoint}`)
  if (!location) throw new Error('wrong address')
  return location
}

/** The files, over the network that can be cut. */
const open = (more: Partial<Parameters<typeof openS3Files>[0]> = {}): Promise<Files> =>
  openS3Files({ location: placeAt(network.endpoint), ...bucket, secrets, log, retryTimes, ...more })

async function readAll(files: Files, key: string, range?: { start: number; end: number }): Promise<Buffer> {
  const file = await files.read(key, range)
  if (!file) throw new Error('no such file')
  return buffer(file.content)
}

testFiles(() => ({ open: (secrets) => open({ secrets }), stored }))

describe('a file of many parts', () => {
  const content = randomBytes(3 * partBytes + 12_345)

  test('comes back whole and in ranges, and is one encrypted object under the prefix', async () => {
    const files = await open()
    const kept = await files.put('recordings/long', pieces(content, 1_000_003))
    expect(kept).toEqual({ bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') })
    expect((await readAll(files, 'recordings/long')).equals(content)).toBe(true)
    // As another process finds it.
    const other = await open()
    expect(await other.size('recordings/long')).toBe(content.length)
    for (const start of [0, 65_535, partBytes - 1, 2 * partBytes + 77, content.length - 1]) {
      const part = await readAll(other, 'recordings/long', { start, end: start + 200_000 })
      expect(part.equals(content.subarray(start, start + 200_001))).toBe(true)
    }
    const { text } = await raw.send({ method: 'GET', query: { 'list-type': '2' }, retryForMs: retryTimes.readMs })
    expect(elementsOf(text, 'Contents').map((entry) => textOf(entry, 'Key'))).toContain('calls/data/recordings/long')
    const object = await stored.read('recordings/long')
    for (let from = 0; from < content.length; from += 5_000_000) {
      expect(object.includes(content.subarray(from, from + 16))).toBe(false)
    }
  })

  test('is not there before it is whole; a writer that fails leaves no part', async () => {
    const files = await open()
    async function* failing() {
      yield content
      expect(await files.size('exports/failing')).toBeUndefined()
      expect(await stored.unfinished()).toEqual(['exports/failing'])
      throw new Error('the source broke')
    }
    await expect(files.put('exports/failing', failing())).rejects.toThrow('the source broke')
    const abort = new AbortController()
    async function* aborted() {
      yield content
      abort.abort()
      yield content
    }
    await expect(files.put('exports/failing', aborted(), abort.signal)).rejects.toThrow(/abort/)
    expect(await files.read('exports/failing')).toBeUndefined()
    expect(await stored.unfinished()).toEqual([])
  })

  test('is put under another master key, its content as it was', async () => {
    const [older, newer] = [randomBytes(32), randomBytes(32)]
    await (await open({ secrets: secretsUnder(older) })).put('keys/long', pieces(content, partBytes))
    const both = await open({ secrets: secretsUnder(newer, [older]) })
    const before = await stored.read('keys/long')
    expect(await both.rewrap('keys/long')).toBe(true)
    const after = await stored.read('keys/long')
    expect(after.equals(before)).toBe(false)
    expect(after.subarray(4096).equals(before.subarray(4096))).toBe(true)
    expect((await readAll(await open({ secrets: secretsUnder(newer) }), 'keys/long')).equals(content)).toBe(true)
  })

  test('that was replaced by another process is read anew', async () => {
    const [one, other] = [await open(), await open()]
    await one.put('waveforms/x', pieces(Buffer.from('before'), 6))
    expect(String(await readAll(one, 'waveforms/x'))).toBe('before')
    await other.put('waveforms/x', pieces(Buffer.from('after it'), 6))
    expect(String(await readAll(one, 'waveforms/x', { start: 0, end: 100 }))).toBe('after it')
    expect(await one.size('waveforms/x')).toBe(8)
    await other.remove('waveforms/x')
    expect(await one.size('waveforms/x')).toBeUndefined()
    expect(await one.read('waveforms/x')).toBeUndefined()
  })
})

test('more files than a page of the list holds are all listed', async () => {
  const files = await open()
  const keys = Array.from({ length: 1_050 }, (_, index) => `many/${String(index).padStart(4, '0')}`)
  while (keys.length > 0)
    await Promise.all(keys.splice(0, 50).map((key) => files.put(key, pieces(Buffer.from('x'), 1))))
  const listed = await keysOf(files.list('many/'))
  expect(listed).toHaveLength(1_050)
  expect(new Set(listed).size).toBe(1_050)
})

describe('what a dead writer left unfinished', () => {
  test('is cleared away once it is a day old, and not before', async () => {
    const uploading = { s3: raw, retryTimes, unfinished: new Set<never>() }
    const id = randomUUID()
    const names = [`exports/${id}/1/ai-calls.csv`, `recordings/${id.slice(0, 2)}/${id}`, `waveforms/ab/${id}.json`]
    for (const name of names) await begin(name)
    await (await open()).sweep()
    expect(await stored.unfinished()).toEqual(names)
    await sweepUploads(uploading, Date.now() - abandonedAfterMs)
    expect(await stored.unfinished()).toHaveLength(3)
    await sweepUploads(uploading, Date.now() + 1_000)
    expect(await stored.unfinished()).toEqual([])
  })

  test('is told from what other programs upload into a bucket that was given without a folder', async () => {
    const location = { ...placeAt(store.endpoint), prefix: '' }
    const s3 = openS3(location, { ...bucket, log })
    const others = ['backups/2026-11-20.tar', 'exports/monthly.csv', `films/${randomUUID()}`, 'recordings/ab/talk.wav']
    for (const name of others) await begin(name, s3)
    const uploading = { s3, retryTimes, unfinished: new Set<never>() }
    await begin(`exports/${randomUUID()}/1/calls.csv`, s3)
    await sweepUploads(uploading, Date.now() + 1_000)
    expect(await bytesInBucket(s3).unfinished()).toEqual(others)
  })

  const begin = (name: string, s3 = raw) =>
    s3.send({ method: 'POST', name, query: { uploads: '' }, retryForMs: retryTimes.writeMs })
})

/**
 * As a store that forgets an upload once it is complete answers when it is asked again, since its first answer was lost.
 * This one remembers, as Amazon's does for a while; `arrives` says whether the first request came through.
 */
function forgetful(s3: S3, arrives: boolean): S3 {
  return {
    ...s3,
    async send(asked) {
      const isCompletion = asked.method === 'POST' && asked.query?.['uploadId'] !== undefined
      if (!isCompletion) return s3.send(asked)
      if (arrives) await s3.send(asked)
      throw new S3Refusal(404, 'NoSuchUpload')
    },
  }
}

describe('an outage', () => {
  const content = randomBytes(3 * partBytes)

  /** Content in the midst of which something happens. */
  async function* midway(happens: () => unknown): AsyncIterable<Uint8Array> {
    yield content.subarray(0, 2 * partBytes)
    await happens()
    yield content.subarray(2 * partBytes)
  }

  test('in the midst of writing is waited for, and the file is whole', async () => {
    const files = await open()
    await files.put(
      'exports/waits',
      midway(() => {
        network.cut()
        setTimeout(() => network.mend(), 1_500)
      }),
    )
    expect((await readAll(files, 'exports/waits')).equals(content)).toBe(true)
    expect(await stored.unfinished()).toEqual([])
  })

  test('that lasts is UNAVAILABLE to a writer, and its parts are cleared away when the store is back', async () => {
    const files = await open()
    const impatient = await open({ retryTimes: impatience })
    try {
      await expect(
        impatient.put(
          'exports/lost',
          midway(() => network.cut()),
        ),
      ).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        retryAfterSeconds: 10,
      })
    } finally {
      network.mend()
    }
    expect(await stored.unfinished()).toEqual(['exports/lost'])
    expect(await files.read('exports/lost')).toBeUndefined()
    await impatient.sweep()
    expect(await stored.unfinished()).toEqual([])
  })

  test('ends soon where a writer is told to stop', async () => {
    const files = await open({ retryTimes: { ...retryTimes, readMs: impatience.readMs } })
    const abort = new AbortController()
    const cutThenAbort = () => {
      network.cut()
      setTimeout(() => abort.abort(new Error('told to stop')), 300)
    }
    try {
      const began = performance.now()
      await expect(files.put('exports/told', midway(cutThenAbort), abort.signal)).rejects.toThrow('told to stop')
      expect(performance.now() - began).toBeLessThan(30_000)
    } finally {
      network.mend()
    }
    await files.sweep()
    expect(await stored.unfinished()).toEqual([])
  })

  test('is UNAVAILABLE to a reader before anything is sent', async () => {
    const files = await open()
    await files.put('exports/away', pieces(content, partBytes))
    const [knowing, other] = [await open({ retryTimes: impatience }), await open({ retryTimes: impatience })]
    await readAll(knowing, 'exports/away', { start: 0, end: 10 })
    network.cut()
    try {
      for (const ask of [knowing, other]) {
        await expect(ask.read('exports/away')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
        await expect(ask.size('exports/away')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      }
    } finally {
      network.mend()
    }
    expect((await readAll(files, 'exports/away')).equals(content)).toBe(true)
  })

  test('in the midst of reading goes by unseen when it is short, and breaks the stream when it lasts', async () => {
    const files = await open()
    await files.put('exports/read', pieces(content, partBytes))
    const short = await files.read('exports/read')
    const read: Uint8Array[] = []
    for await (const piece of short?.content ?? []) {
      read.push(piece)
      if (read.length !== 20) continue
      network.cut()
      setTimeout(() => network.mend(), 300)
    }
    expect(Buffer.concat(read).equals(content)).toBe(true)
    const long = await (await open({ retryTimes: impatience })).read('exports/read')
    const readOn = async () => {
      for await (const _ of long?.content ?? []) network.cut()
    }
    try {
      await expect(readOn()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    } finally {
      network.mend()
    }
  })

  test('that swallows the answer to the last request does not undo the file', async () => {
    const name = 'exports/answered'
    const far = openS3(placeAt(network.endpoint), { ...bucket, log })
    const upload = (arrives: boolean, whole: Buffer) => {
      const uploading = { s3: forgetful(far, arrives), retryTimes, unfinished: new Set<never>() }
      return uploadObject(uploading, name, pieces(whole, partBytes), undefined)
    }
    await upload(true, content)
    expect((await stored.read(name)).equals(content)).toBe(true)
    // Where something else stands in its place, it was not done.
    const other = Buffer.from(content).fill('other', 0, 100)
    const failure = { code: 'UNAVAILABLE', cause: { code: 'NoSuchUpload' } }
    await expect(upload(false, other)).rejects.toMatchObject(failure)
    expect((await stored.read(name)).equals(content)).toBe(true)
    expect(await stored.unfinished()).toEqual([])
  })
})

describe('a store that refuses stops the start with a clear word:', () => {
  test.each([
    [
      'a wrong secret',
      () => ({ secretKey: 'wrong' }),
      /EARSHOT_S3_SECRET_KEY is not the secret .* \(403 SignatureDoes/,
    ],
    ['an unknown key', () => ({ accessKey: 'NOBODY' }), /EARSHOT_S3_ACCESS_KEY is unknown .* \(403 InvalidAccessKeyId/],
    ['no such bucket', () => ({ location: placeAt(store.endpoint, 'nowhere-at-all') }), /no bucket nowhere-at-all/],
  ])('%s', async (_, given, message) => {
    const failure = await open(given()).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'BAD_REQUEST', message: expect.stringMatching(message) as string })
    expect(String(failure)).not.toContain(bucket.secretKey)
  })
})
