import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { linesOf } from '../../domain/lines.ts'
import { AppError } from '../../errors.ts'

/** The layout of a backup folder; a program that knows only an older one refuses it. */
export const formatVersion = 1

const manifestFile = 'manifest.json'
/** One line a file, as the program sha256sum writes and checks them. */
export const sumsFile = 'SHA256SUMS'

const counts = z.record(z.string(), z.int().nonnegative())

const manifestSchema = z.object({
  format: z.literal(formatVersion),
  /** The version of Earshot that made it. */
  version: z.string(),
  createdAt: z.iso.datetime(),
  /** Which master key its secrets are under; the key itself may have been kept elsewhere. */
  masterKeyId: z.string(),
  /** The names of the migrations that were applied, by store. */
  migrations: z.object({ postgres: z.array(z.string()), clickhouse: z.array(z.string()) }),
  /** Rows of every table; for ClickHouse before versions are merged. */
  counts: z.object({ postgres: counts, clickhouse: counts }),
  /** The sums of the hashes of the rows of PostgreSQL's tables; a backup of an earlier version has none. */
  rowSums: z.record(z.string(), z.string()).default({}),
  /** The last value that each sequence of PostgreSQL gave out. */
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

/** Reads what a backup says of itself. Throws BAD_REQUEST when the folder is none, or one of another format. */
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

/** Checks every file of a backup against its checksum, the list of checksums itself too. */
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

/** The SHA-256 of a file in hexadecimal; undefined when there is none. */
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
