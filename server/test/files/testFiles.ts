import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { buffer } from 'node:stream/consumers'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Files } from '../../src/store/files/files.ts'
import { masterKeyId, secretsUnder, type Secrets } from '../../src/store/secrets/secrets.ts'
import type { StoredBytes } from './storedBytes.ts'

/** A place for files, and what lies there. */
export interface FilesPlace {
  open(secrets: Secrets): Promise<Files>
  stored: StoredBytes
}

const chunk = 64 * 1024
const secrets = secretsUnder(randomBytes(32))
const headerBytes = 14 + 2 * secrets.newDataKey().wrapped.length

/** Content in pieces of uneven sizes. */
export async function* pieces(content: Buffer, size: number): AsyncIterable<Uint8Array> {
  for (let from = 0; from < content.length; from += size) yield content.subarray(from, from + size)
}

export async function keysOf(keys: AsyncIterable<string>): Promise<string[]> {
  const found = []
  for await (const key of keys) found.push(key)
  return found
}

const nearBorder = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: -2, max: 2 }))
const size = nearBorder.map(([chunks, more]) => Math.max(0, chunks * chunk + more))

function flipped(stored: Buffer, at: number): Buffer {
  const altered = Buffer.from(stored)
  altered.writeUInt8(altered.readUInt8(at) ^ 1, at)
  return altered
}

/** What every place for files does. */
export function testFiles(placeOf: () => FilesPlace): void {
  let files: Files

  beforeAll(async () => {
    files = await placeOf().open(secrets)
  })

  async function readAll(key: string, range?: { start: number; end: number }): Promise<Buffer> {
    const file = await files.read(key, range)
    if (file === undefined) throw new Error('no such file')
    return buffer(file.content)
  }

  describe('files', () => {
    it('come back whole and in any range, whatever their size', async () => {
      const range = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1.1, noNaN: true }))
      await fc.assert(
        fc.asyncProperty(
          size,
          fc.integer({ min: 1000, max: 150_000 }),
          fc.array(range),
          async (bytes, step, ranges) => {
            const content = randomBytes(bytes)
            const stored = await files.put('exports/a/file.csv', pieces(content, step))
            expect(stored).toEqual({ bytes, sha256: createHash('sha256').update(content).digest('hex') })
            expect(await files.size('exports/a/file.csv')).toBe(bytes)
            expect((await readAll('exports/a/file.csv')).equals(content)).toBe(true)
            for (const [from, to] of ranges) {
              const start = Math.floor(from * bytes)
              const end = Math.floor(to * bytes)
              const part = await readAll('exports/a/file.csv', { start, end })
              expect(part.equals(content.subarray(start, end + 1))).toBe(true)
            }
          },
        ),
        { numRuns: 60 },
      )
    })

    it('are not there before they are whole, nor after a failure or an abort', async () => {
      const failing = async function* () {
        yield randomBytes(200_000)
        expect(await files.size('exports/b')).toBeUndefined()
        throw new Error('the source broke')
      }
      await expect(files.put('exports/b', failing())).rejects.toThrow('the source broke')
      const abort = new AbortController()
      const aborted = async function* () {
        yield randomBytes(200_000)
        abort.abort()
        yield randomBytes(200_000)
      }
      await expect(files.put('exports/b', aborted(), abort.signal)).rejects.toThrow(/abort/)
      expect(await files.read('exports/b')).toBeUndefined()
      expect(await keysOf(files.list('exports/b'))).toEqual([])
      expect(await placeOf().stored.unfinished()).toEqual([])
    })

    it('hold nothing in plain text', async () => {
      await files.put('exports/c', pieces(Buffer.from('+56 9 1234 5678 Sí'), 5))
      expect((await placeOf().stored.read('exports/c')).includes('1234')).toBe(false)
    })

    it('are listed by prefix and removed', async () => {
      for (const key of ['list/1/a.csv', 'list/1/b.csv', 'list/2/c.csv', 'listing'])
        await files.put(key, pieces(Buffer.from('x'), 1))
      expect((await keysOf(files.list('list/'))).sort()).toEqual(['list/1/a.csv', 'list/1/b.csv', 'list/2/c.csv'])
      expect(await keysOf(files.list('list/1/b'))).toEqual(['list/1/b.csv'])
      expect(await keysOf(files.list('nothing/'))).toEqual([])
      await files.remove('list/1/b.csv')
      await files.remove('list/1/b.csv')
      expect(await files.read('list/1/b.csv')).toBeUndefined()
    })

    it.each(['../up', '/etc/passwd', 'a/../b', '.hidden', 'a//b', '', 'a b', 'a/'])(
      'refuse the key %j',
      async (key) => {
        await expect(files.put(key, pieces(Buffer.from('x'), 1))).rejects.toThrow(/file key/)
        await expect(files.read(key)).rejects.toThrow(/file key/)
      },
    )

    it('let go of the file when a reader goes away early, started or not', async () => {
      await files.put('exports/d', pieces(randomBytes(chunk * 10), chunk))
      for (const started of [false, true]) {
        const file = await files.read('exports/d')
        if (started) await once(file?.content ?? process, 'readable')
        file?.content.destroy()
        if (file) await once(file.content, 'close')
        expect(file?.content.errored).toBeNull()
      }
    })
  })

  describe('an altered file', () => {
    const sealedChunk = chunk + 16
    const alterations: [string, (stored: Buffer) => Buffer][] = [
      ['a changed byte in the header', (stored) => flipped(stored, 20)],
      ['a changed byte in the first chunk', (stored) => flipped(stored, headerBytes + 5)],
      ['a changed byte in the last tag', (stored) => flipped(stored, stored.length - 1)],
      ['a cut last byte', (stored) => stored.subarray(0, -1)],
      ['a missing last chunk', (stored) => stored.subarray(0, headerBytes + 2 * sealedChunk)],
      ['nothing but the header', (stored) => stored.subarray(0, headerBytes)],
      ['an empty file', () => Buffer.alloc(0)],
      ['an added byte', (stored) => Buffer.concat([stored, Buffer.from('x')])],
      ['chunks in another order', swapped],
    ]

    function swapped(stored: Buffer): Buffer {
      const part = (index: number) =>
        stored.subarray(headerBytes + index * sealedChunk, headerBytes + (index + 1) * sealedChunk)
      return Buffer.concat([stored.subarray(0, headerBytes), part(1), part(0), part(2)])
    }

    it.each(alterations)('is an error: %s', async (_, alter) => {
      await files.put('altered/x', pieces(randomBytes(2 * chunk + 100), chunk))
      await placeOf().stored.write('altered/x', alter(await placeOf().stored.read('altered/x')))
      await expect(readAll('altered/x')).rejects.toThrow()
    })

    it("is an error: put in another file's place", async () => {
      await files.put('altered/mine', pieces(Buffer.from('mine'), 4))
      await files.put('altered/theirs', pieces(Buffer.from('theirs'), 4))
      await placeOf().stored.write('altered/mine', await placeOf().stored.read('altered/theirs'))
      await expect(files.read('altered/mine')).rejects.toThrow(/altered/)
    })
  })

  describe('another master key', () => {
    const [older, newer] = [randomBytes(32), randomBytes(32)]
    const content = randomBytes(chunk + 1000)

    async function readUnder(from: Files, key: string): Promise<Buffer> {
      const file = await from.read(key)
      return file ? buffer(file.content) : Buffer.alloc(0)
    }

    /** The same place under other master keys. */
    const under = (current: Buffer, ...others: Buffer[]) => placeOf().open(secretsUnder(current, others))

    it('takes over a file by its header alone', async () => {
      await (await under(older)).put('keys/x', pieces(content, chunk))
      const before = await placeOf().stored.read('keys/x')
      const both = await under(newer, older)
      expect(await both.rewrap('keys/x')).toBe(true)
      expect(await both.rewrap('keys/x')).toBe(false)
      expect(await both.rewrap('keys/none')).toBe(false)
      const after = await placeOf().stored.read('keys/x')
      expect(after.subarray(headerBytes).equals(before.subarray(headerBytes))).toBe(true)
      expect((await readUnder(await under(newer), 'keys/x')).equals(content)).toBe(true)
      await expect((await under(older)).read('keys/x')).rejects.toThrow('not configured')
    })

    it('that comes while content arrives is the one that the file ends under', async () => {
      let current = secretsUnder(older)
      const changing = { ...current }
      for (const name of ['newDataKey', 'wrapDataKey', 'unwrapDataKey', 'isCurrent'] as const) {
        Object.assign(changing, { [name]: (given: Buffer) => (current[name] as (given: Buffer) => unknown)(given) })
      }
      async function* changed() {
        yield content
        current = secretsUnder(newer, [older])
      }
      await (await placeOf().open(changing)).put('keys/late', changed())
      expect((await readUnder(await under(newer), 'keys/late')).equals(content)).toBe(true)
    })

    it('has a file of version 1 written anew, which authenticated its header', async () => {
      const { key, wrapped } = secretsUnder(older).newDataKey()
      const header = Buffer.alloc(14 + wrapped.length)
      header.write('EARSHOT\x01', 'latin1')
      header.writeUInt32BE(chunk, 8)
      header.writeUInt16BE(wrapped.length, 12)
      wrapped.copy(header, 14)
      const nonce = Buffer.alloc(12)
      nonce.writeUInt8(1, 0)
      const seal = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.concat([header, Buffer.from('keys/v1')]))
      const sealed = Buffer.concat([seal.update('of version 1'), seal.final(), seal.getAuthTag()])
      await placeOf().stored.write('keys/v1', Buffer.concat([header, sealed]))
      const both = await under(newer, older)
      expect(String(await readUnder(both, 'keys/v1'))).toBe('of version 1')
      expect(await both.masterKeyIdOf('keys/v1')).toBe(masterKeyId(older))
      expect(await both.rewrap('keys/v1')).toBe(true)
      expect(String(await readUnder(await under(newer), 'keys/v1'))).toBe('of version 1')
    })
  })
}
