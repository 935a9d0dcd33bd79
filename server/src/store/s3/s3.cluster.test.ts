import { randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { allowObjects, denyObjects } from '../../../test/s3/bucketPolicy.ts'
import { startObjectStore, type ObjectStore, type TestBucket } from '../../../test/s3/objectStore.ts'
import { keysOf, pieces } from '../../../test/files/testFiles.ts'
import type { Files } from '../files/files.ts'
import { S3Refusal } from './s3Refusal.ts'
import { openS3, whileServing, type S3 } from './s3.ts'
import { openS3Files } from '../files/s3Files.ts'
import { openRange } from './s3Objects.ts'
import { s3LocationOf } from './s3Location.ts'
import { secretsUnder } from '../secrets/secrets.ts'

const secrets = secretsUnder(randomBytes(32))
const retryTimes = { readMs: 30_000, writeMs: 60_000 }
const partBytes = 8 * 1024 * 1024
let store: ObjectStore

beforeAll(async () => {
  store = await startObjectStore()
})
afterAll(() => store.stop())

describe('a store that begins to refuse while the program serves', () => {
  const small = randomBytes(1_000)
  const long = randomBytes(2 * partBytes + 1)
  let bucket: TestBucket
  let raw: S3
  let lines: object[]
  let files: Files

  beforeEach(async () => {
    bucket = await store.bucket()
    raw = rawOf(bucket)
    lines = []
    const log = { warn: (line: object) => void lines.push(line) }
    files = await openS3Files({ location: raw.location, ...bucket, secrets, log, retryTimes })
    await files.put('exports/known', pieces(small, 100))
    await readAll('exports/known')
    await files.put('exports/unknown', pieces(small, 100))
  })

  async function readAll(key: string): Promise<Buffer | undefined> {
    const file = await files.read(key)
    return file && buffer(file.content)
  }

  async function deleteBucket(): Promise<void> {
    for await (const key of files.list(''))
      await raw.send({ method: 'DELETE', name: key, retryForMs: retryTimes.readMs })
    await raw.send({ method: 'DELETE', retryForMs: retryTimes.readMs })
  }

  const makeBucket = () => raw.send({ method: 'PUT', retryForMs: retryTimes.readMs })
  const refusals: [string, { refuse(): unknown; accept(): unknown; reason: string; remedy: RegExp }][] = [
    [
      'as it was given another secret',
      {
        refuse: () => store.useSecret('another'),
        accept: () => store.useSecret(bucket.secretKey),
        reason: '403 SignatureDoesNotMatch',
        remedy: /^EARSHOT_S3_SECRET_KEY is not the secret/,
      },
    ],
    [
      'as the policy of the bucket changed',
      {
        refuse: () => denyObjects({ s3: raw }),
        accept: () => allowObjects(raw),
        reason: '403 AccessDenied',
        remedy: /let it read, write, list and delete/,
      },
    ],
    [
      'as the bucket is gone',
      {
        refuse: deleteBucket,
        accept: makeBucket,
        reason: '404 NoSuchBucket',
        remedy: /^There is no bucket .* make it/,
      },
    ],
  ]

  test.each(refusals)('is away (UNAVAILABLE), which the log explains once: %s', async (_, given) => {
    const away = { code: 'UNAVAILABLE', retryAfterSeconds: 10 }
    const asked: [string, () => Promise<unknown>][] = [
      ['the size of a file', () => files.size('exports/known')],
      ['of one not seen before', () => files.size('exports/unknown')],
      ['nothing of a file', () => files.read('exports/known', { start: 5_000, end: 6_000 })],
      ['a range of a file', () => files.read('exports/known', { start: 10, end: 20 })],
      ['a whole file', () => files.read('exports/unknown')],
      ['a small file to be stored', () => files.put('exports/small', pieces(small, 100))],
      ['a long file to be stored', () => files.put('exports/long', pieces(long, partBytes))],
      ['a file to be removed', () => files.remove('exports/unknown')],
      ['the list', () => keysOf(files.list('exports/'))],
      ['the key of a file', () => files.masterKeyIdOf('exports/unknown')],
      ['a file to be put under another key', () => files.rewrap('exports/unknown')],
      ['to be swept', () => files.sweep()],
    ]
    await given.refuse()
    try {
      for (const [what, ask] of asked) await expect(ask(), what).rejects.toMatchObject(away)
      expect(lines).toEqual([
        { endpoint: store.endpoint, reason: given.reason, remedy: expect.stringMatching(given.remedy) as string },
      ])
      expect(JSON.stringify(lines)).not.toContain(bucket.secretKey)
    } finally {
      await given.accept()
    }
    await files.put('exports/long', pieces(long, partBytes))
    expect((await readAll('exports/long'))?.equals(long)).toBe(true)
    expect(await files.size('exports/none')).toBeUndefined()
    expect(lines).toHaveLength(1)
  })

  test('in the midst of an upload is away too, and nothing of that is left when it is back', async () => {
    async function* midway(): AsyncIterable<Uint8Array> {
      yield long.subarray(0, partBytes + 1)
      await denyObjects({ s3: raw })
      yield long.subarray(partBytes + 1)
    }
    await expect(files.put('exports/long', midway())).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await allowObjects(raw)
    await files.sweep()
    expect(await keysOf(files.list(''))).toEqual(['exports/known', 'exports/unknown'])
    expect((await raw.send({ method: 'GET', query: { uploads: '' }, retryForMs: 1_000 })).text).not.toContain(
      '<Upload>',
    )
  })
})

test('an upload that the store forgot is begun anew by whoever waits for it', async () => {
  const bucket = await store.bucket()
  const s3 = rawOf(bucket)
  const files = await openS3Files({ location: s3.location, ...bucket, secrets, log: { warn: () => {} }, retryTimes })
  async function* midway(): AsyncIterable<Uint8Array> {
    yield randomBytes(partBytes + 1)
    const { text } = await s3.send({ method: 'GET', query: { uploads: '' }, retryForMs: 1_000 })
    const uploadId = /<UploadId>(.+)<\/UploadId>/.exec(text)?.[1] ?? ''
    await s3.send({ method: 'DELETE', name: 'exports/x', query: { uploadId }, retryForMs: retryTimes.readMs })
    yield randomBytes(partBytes)
  }
  const failure = await files.put('exports/x', midway()).catch((error: unknown) => error)
  expect(failure).toMatchObject({ code: 'UNAVAILABLE', cause: { code: 'NoSuchUpload' } })
})

test('what a store says of one object is no outage', async () => {
  const s3 = whileServing(rawOf(await store.bucket()))
  await s3.send({ method: 'PUT', name: 'x', body: [Buffer.from('some text')], retryForMs: retryTimes.writeMs })
  const about = { retryTimes }
  expect(await openRange(s3, 'none', { start: 0 }, about)).toBeUndefined()
  expect(await openRange(s3, 'x', { start: 0, etag: '"other"' }, about)).toBe('changed')
  await expect(openRange(s3, 'x', { start: 100 }, about)).rejects.toBeInstanceOf(S3Refusal)
})

function rawOf(bucket: TestBucket): S3 {
  const location = s3LocationOf(`s3://${bucket.name}?endpoint=${store.endpoint}`)
  if (!location) throw new Error('wrong address')
  return openS3(location, { ...bucket, log: { warn: () => {} } })
}
