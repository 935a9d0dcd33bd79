import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError, diskFull } from '../../errors.ts'
import { isDiskFull } from '../../store/files/disk.ts'
import { sumsFile, writeManifest, type Manifest } from './manifest.ts'
import { syncFolder } from '../../store/files/syncFolder.ts'

/** A backup in progress: its files are in a temporary folder, which gets the final name when all is written. */
export interface BackupFolder {
  files: number
  bytes: number
  /** Writes chunks into a new file. */
  write(path: string, content: AsyncIterable<Uint8Array>): Promise<void>
  /** Copies a file; returns false when it no longer exists, because files may be deleted during a backup. */
  copy(from: string, path: string): Promise<boolean>
  /** Writes the checksums and the manifest and gives the folder its name. */
  finish(manifest: Omit<Manifest, 'files' | 'bytes' | 'sums'>): Promise<void>
  /** Deletes what was written. */
  abandon(): Promise<void>
}

/** Starts a backup at `target`, which must not exist or be empty. Remains of an earlier attempt are deleted. */
export async function beginBackup(
  target: string,
  { signal, onBytes = () => {} }: { signal?: AbortSignal; onBytes?: (bytes: number) => void } = {},
): Promise<BackupFolder> {
  await refuseNonEmpty(target)
  const folder = `${target}.partial`
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const sums = await open(join(folder, sumsFile), 'wx', 0o600)
  const sumsHash = createHash('sha256')
  const made = new Set([folder])

  async function write(path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const parent = dirname(join(folder, path))
    await mkdir(parent, { recursive: true, mode: 0o700 })
    for (let above = parent; !made.has(above); above = dirname(above)) made.add(above)
    const hash = createHash('sha256')
    await using handle = await open(join(folder, path), 'wx', 0o600)
    for await (const bytes of content) {
      signal?.throwIfAborted()
      await writeWhole(handle, bytes, hash)
      backup.bytes += bytes.length
      onBytes(bytes.length)
    }
    await handle.sync()
    backup.files++
    const line = `${hash.digest('hex')}  ${path}\n`
    sumsHash.update(line)
    await sums.writeFile(line)
  }

  const backup: BackupFolder = {
    files: 0,
    bytes: 0,
    write,
    async copy(from, path) {
      const handle = await open(from).catch(undefinedIfMissing)
      if (handle === undefined) return false
      await write(path, createReadStream('', { fd: handle, highWaterMark: 1024 * 1024 }))
      return true
    },
    async finish(manifest) {
      await sums.sync()
      await sums.close()
      const { files, bytes } = backup
      await writeManifest(folder, { ...manifest, files, bytes, sums: sumsHash.digest('hex') })
      for (const each of made) await syncFolder(each)
      await rename(folder, target)
      await syncFolder(dirname(target))
    },
    async abandon() {
      await sums.close().catch(() => {})
      await rm(folder, { recursive: true, force: true })
    },
  }
  return backup
}

async function writeWhole(handle: FileHandle, bytes: Uint8Array, hash: Hash): Promise<void> {
  hash.update(bytes)
  try {
    await handle.writeFile(bytes)
  } catch (error) {
    if (isDiskFull(error)) throw diskFull(error)
    throw error
  }
}

/** Refuses a target that exists and is not empty. */
export async function refuseNonEmpty(target: string): Promise<void> {
  const found = await stat(target).catch(undefinedIfMissing)
  if (found === undefined) return
  if (found.isDirectory() && (await readdir(target)).length === 0) return
  throw new AppError('CONFLICT', `${target} is there already; name a folder that is not, or is empty.`)
}

function undefinedIfMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}
