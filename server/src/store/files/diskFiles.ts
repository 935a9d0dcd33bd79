import { createHash, randomUUID } from 'node:crypto'
import type { Dirent } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { callbackify } from 'node:util'
import { diskFull } from '../../errors.ts'
import { isDiskFull } from './disk.ts'
import {
  type FileCipher,
  type FileLayout,
  headerBytesLimit,
  layoutOf,
  neededKeyId,
  newFileCipher,
  readFileCipher,
  rewrapping,
} from './fileEncryption.ts'
import { abandonedAfterMs, checkedKey, inChunks, type Files, type StoredFile } from './files.ts'
import type { Secrets } from '../secrets/secrets.ts'
import { syncFolder } from './syncFolder.ts'

const temporaryFolder = '.writing'
const hostId = createHash('sha256').update(hostname()).digest('hex').slice(0, 12)
const writerId = `${hostId}.${process.pid}.${randomUUID().slice(0, 8)}`

/** Opens the files in `folder`, creates it if needed, and removes the unfinished files of dead writers. */
export async function openDiskFiles(folder: string, secrets: Secrets): Promise<Files> {
  const directory = resolve(folder)
  const writing = join(directory, temporaryFolder)
  await mkdir(writing, { recursive: true, mode: 0o700 })
  await removeAbandoned(writing)
  const files: Files = {
    async put(key, content, signal) {
      const path = join(directory, checkedKey(key))
      const temporary = join(writing, `${writerId}.${randomUUID()}`)
      try {
        const stored = await writeDurably(temporary, newFileCipher(secrets, key), content, signal)
        await publish(temporary, path, directory)
        // The master key may have been rotated during the upload, and the older key may be dropped soon.
        await rewrapFile(path, secrets)
        return stored
      } catch (error) {
        await rm(temporary, { force: true })
        if (isDiskFull(error)) throw diskFull(error)
        throw error
      }
    },
    async read(key, range) {
      const file = await openFile(directory, key, secrets)
      if (file === undefined) return undefined
      const start = range?.start ?? 0
      const end = Math.min(range?.end ?? Infinity, file.layout.plainBytes - 1)
      return { bytes: file.layout.plainBytes, content: contentOf(file, start, end) }
    },
    async size(key) {
      const file = await openFile(directory, key, secrets)
      await file?.handle.close()
      return file?.layout.plainBytes
    },
    async remove(key) {
      await rm(join(directory, checkedKey(key)), { force: true })
    },
    async rewrap(key) {
      const path = join(directory, checkedKey(key))
      const done = await rewrapFile(path, secrets)
      if (done !== undefined) return done
      const file = await files.read(key)
      if (file) await files.put(key, file.content)
      return file !== undefined
    },
    async masterKeyIdOf(key) {
      const handle = await openUnlessGone(join(directory, checkedKey(key)), 'r')
      if (handle === undefined) return undefined
      try {
        return neededKeyId(secrets, await readStart(handle))
      } finally {
        await handle.close()
      }
    },
    list: (prefix) => listKeys(directory, '', prefix),
    sweep: () => removeAbandoned(writing),
  }
  return files
}

/** False when nothing is to do or there is no file; undefined when the file must be rewritten as a whole. */
async function rewrapFile(path: string, secrets: Secrets): Promise<boolean | undefined> {
  const handle = await openUnlessGone(path, 'r+')
  if (handle === undefined) return false
  try {
    const steps = rewrapping(secrets, await readStart(handle))
    for (const { position, bytes } of steps ?? []) {
      await handle.write(bytes, 0, bytes.length, position)
      await handle.sync()
    }
    return steps && steps.length > 0
  } finally {
    await handle.close()
  }
}

async function writeDurably(
  path: string,
  cipher: FileCipher,
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<StoredFile> {
  const hash = createHash('sha256')
  let bytes = 0
  await using handle = await open(path, 'wx', 0o600)
  await handle.writeFile(cipher.header)
  let position = 0
  for await (const { bytes: plain, last } of inChunks(content, cipher.chunkBytes)) {
    signal?.throwIfAborted()
    hash.update(plain)
    bytes += plain.length
    await handle.writeFile(cipher.seal(plain, position++, last))
  }
  signal?.throwIfAborted()
  await handle.sync()
  return { bytes, sha256: hash.digest('hex') }
}

/** Makes a finished file visible. Also syncs its folders, because a rename is durable only with them. */
async function publish(temporary: string, path: string, directory: string): Promise<void> {
  const made = await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await rename(temporary, path)
  await syncFolder(dirname(path))
  if (made === undefined) return
  for (let folder = dirname(path); folder !== directory;) {
    folder = dirname(folder)
    await syncFolder(folder)
  }
}

interface OpenFile {
  handle: FileHandle
  cipher: FileCipher
  layout: FileLayout
}

/** Opens a file and authenticates its last chunk, so that its size is verified before anything is sent. */
async function openFile(directory: string, key: string, secrets: Secrets): Promise<OpenFile | undefined> {
  const handle = await openUnlessGone(join(directory, checkedKey(key)), 'r')
  if (handle === undefined) return undefined
  try {
    const cipher = readFileCipher(secrets, key, await readStart(handle))
    const file = { handle, cipher, layout: layoutOf(cipher, (await handle.stat()).size) }
    await readChunk(file, file.layout.chunks - 1)
    return file
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function openUnlessGone(path: string, flags: 'r' | 'r+'): Promise<FileHandle | undefined> {
  return open(path, flags).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  })
}

/** The first bytes of a file, which contain its header. */
async function readStart(handle: FileHandle): Promise<Buffer> {
  const start = Buffer.alloc(headerBytesLimit)
  const { bytesRead } = await handle.read(start, 0, start.length, 0)
  return start.subarray(0, bytesRead)
}

async function readChunk({ handle, cipher, layout }: OpenFile, position: number): Promise<Buffer> {
  const sealed = Buffer.allocUnsafe(layout.sealedChunkBytes)
  const from = cipher.header.length + position * layout.sealedChunkBytes
  let filled = 0
  while (filled < sealed.length) {
    const { bytesRead } = await handle.read(sealed, filled, sealed.length - filled, from + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return cipher.open(sealed.subarray(0, filled), position, position === layout.chunks - 1)
}

/** Does not use a generator, because a destroyed stream does not close the file of a generator that never started. */
function contentOf(file: OpenFile, start: number, end: number): Readable {
  const { chunkBytes } = file.cipher
  let next = start
  async function nextPart(): Promise<Buffer | null> {
    if (next > end) return null
    const position = Math.floor(next / chunkBytes)
    const offset = position * chunkBytes
    const plain = await readChunk(file, position)
    const part = plain.subarray(next - offset, end + 1 - offset)
    next = offset + plain.length
    return part
  }
  return new Readable({
    highWaterMark: chunkBytes,
    read() {
      nextPart().then(
        (part) => this.push(part),
        (error: Error) => this.destroy(error),
      )
    },
    destroy(error, callback) {
      callbackify(() => file.handle.close())((failure) => callback(error ?? failure))
    },
  })
}

async function* listKeys(directory: string, folder: string, prefix: string): AsyncIterable<string> {
  for (const entry of await entriesOf(join(directory, folder))) {
    const key = `${folder}${entry.name}`
    if (entry.isDirectory()) {
      const inside = `${key}/`
      const mayMatch = inside.startsWith(prefix) || prefix.startsWith(inside)
      if (mayMatch && key !== temporaryFolder) yield* listKeys(directory, inside, prefix)
    } else if (key.startsWith(prefix)) {
      yield key
    }
  }
}

async function entriesOf(path: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true })
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

async function removeAbandoned(writing: string): Promise<void> {
  for (const entry of await entriesOf(writing)) {
    const path = join(writing, entry.name)
    if (await isAbandoned(path, entry.name)) await rm(path, { force: true })
  }
}

/** Whether the writer of an unfinished file is dead: its process has ended, or nothing was written for a day. */
async function isAbandoned(path: string, name: string): Promise<boolean> {
  if (name.startsWith(`${writerId}.`)) return false
  const [host, processId] = name.split('.')
  if (host === hostId && !isAlive(Number(processId))) return true
  const age = await stat(path).then(
    (found) => Date.now() - found.mtimeMs,
    () => 0,
  )
  return age > abandonedAfterMs
}

/** Whether another process has this pid; our own pid in another writer's name belongs to a dead predecessor. */
function isAlive(processId: number): boolean {
  if (processId === process.pid) return false
  try {
    return process.kill(processId, 0)
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
