import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { linesOf } from '../../domain/lines.ts'
import { AppError } from '../../errors.ts'

/** The version of the folder layout; older programs refuse a newer layout. */
export const formatVersion = 1

const manifestFile = 'manifest.json'
/** One line per file in the format of sha256sum. */
export const sumsFile = 'SHA256SUMS'

const counts = z.record(z.string(), z.int().nonnegative())

const manifestSchema = z.object({
  format: z.literal(formatVersion),
  /** The version of Earshot that made the backup. */
  version: z.string(),
  createdAt: z.iso.datetime(),
  /** The id of the master key of its secrets; the key itself may be stored elsewhere. */
  masterKeyId: z.string(),
  /** The names of the applied migrations, by store. */
  migrations: z.object({ postgres: z.array(z.string()), clickhouse: z.array(z.string()) }),
  /** Rows of every table; for ClickHouse before versions are merged. */
  counts: z.object({ postgres: counts, clickhouse: counts }),
  /** The sums of the row hashes of PostgreSQL's tables; backups of earlier versions have none. */
  rowSums: z.record(z.string(), z.string()).default({}),
  /** The last value of each PostgreSQL sequence. */
  sequences: counts,
  files: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
  /** The SHA-256 of the file of checksums. */
  sums: z.string(),
})

export type Manifest = z.infer<typeof manifestSchema>

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  await using handle = await open(join(folder, manifestFile), 'wx', 0o600)
  await handle.writeFile(`${JSON.stringify(manifest, undefined, 2)}\n`)
  await handle.sync()
}

/**
 * Reads the manifest of a backup. Throws BAD_REQUEST when the folder is not a complete backup, or has another format.
 */
export async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, manifestFile), 'utf8').catch(() => undefined)
  if (text === undefined) {
    throw new AppError('BAD_REQUEST', `${folder} is no whole backup: it has no ${manifestFile}.`)
  }
  const read = manifestSchema.safeParse(parseJson(text))
  if (read.success) return read.data
  throw new AppError(
    'BAD_REQUEST',
    `${folder} cannot be read by this version of Earshot (${z.prettifyError(read.error).split('\n')[0]}); restore it with the version that made it.`,
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Checks every file of a backup against its checksum, and the list of checksums itself. */
export async function verifySums(
  folder: string,
  manifest: Manifest,
  onBytes: (bytes: number) => void = () => {},
): Promise<void> {
  if ((await sha256Of(join(folder, sumsFile))) !== manifest.sums) throw damaged(sumsFile)
  let files = 0
  for await (const { bytes } of linesOf(createReadStream(join(folder, sumsFile)))) {
    const line = bytes.toString()
    const path = line.slice(66)
    if ((await sha256Of(join(folder, path), onBytes)) !== line.slice(0, 64)) throw damaged(path)
    files++
  }
  if (files !== manifest.files) throw damaged(sumsFile)
}

function damaged(path: string): AppError {
  return new AppError(
    'BAD_REQUEST',
    `The backup is damaged: ${path} is missing or not what it was. Nothing was restored; use another backup.`,
  )
}

/** Returns the SHA-256 of a file in hexadecimal; undefined when the file does not exist. */
export async function sha256Of(path: string, onBytes: (bytes: number) => void = () => {}): Promise<string | undefined> {
  const hash = createHash('sha256')
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
      hash.update(chunk)
      onBytes(chunk.length)
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  return hash.digest('hex')
}
