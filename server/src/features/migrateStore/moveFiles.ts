import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { AppError } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { recordingKey } from '../recordings/recording.ts'
import { checksumOf, type Comparison, type MoveSource, type StoreMove } from './storeMove.ts'

const atOnce = 1_000

interface Digest {
  bytes: number
  sha256: string
}

interface Sum {
  files: number
  sum: bigint
}

/** Whether the target's files are those of the folder itself: the new server goes on with them where they are. */
export function keepsFiles({ source, target }: Pick<StoreMove, 'source' | 'target'>): boolean {
  if (target.config.files !== '') return false
  return realpathSync(target.config.dataDirectory) === realpathSync(source.config.dataDirectory)
}

/**
 * Copies every recording and export file to the target's file store, encrypts it anew there and reads it back. Files
 * that were copied before are skipped; files deleted from the folder since are deleted from the target too.
 */
export async function moveFiles(move: StoreMove): Promise<Comparison[]> {
  if (keepsFiles(move)) return []
  const total = await countFiles(move.source)
  if (total === 0) return [await compareRecordings(move)]
  await dropGone(move)
  const here: Sum = { files: 0, sum: 0n }
  const there: Sum = { files: 0, sum: 0n }
  for await (const key of move.source.files.list('')) {
    move.signal.throwIfAborted()
    move.onProgress({ step: 'copying files', what: key.split('/')[0] ?? '', done: here.files, total })
    const copied = (await findCopied(move, key)) ?? (await copyFile(move, key))
    if (!copied) continue
    add(here, key, copied.source)
    if (copied.target) add(there, key, copied.target)
  }
  return [comparisonOf('files', here, there)]
}

/**
 * A folder without files has none, or its server kept them in a bucket: then the target must be given the same one, and its
 * recordings are there already.
 */
async function compareRecordings({ source, target, signal }: StoreMove): Promise<Comparison> {
  const here: Sum = { files: 0, sum: 0n }
  const there: Sum = { files: 0, sum: 0n }
  for await (const { id, bytes, sha256 } of storedRecordings(source)) {
    signal.throwIfAborted()
    const key = recordingKey(id)
    add(here, key, { bytes, sha256 })
    if ((await target.files.size(key)) === bytes) add(there, key, { bytes, sha256 })
  }
  return comparisonOf('recordings in EARSHOT_FILES', here, there)
}

async function* storedRecordings({ postgres }: MoveSource): AsyncGenerator<Digest & { id: string }> {
  for (let after = ''; ;) {
    const rows = await postgres.query<Digest & { id: string }>(sql`
      SELECT id, bytes, sha256
      FROM recordings
      WHERE state = 'stored'
        AND id::text COLLATE "C" > ${after}
      ORDER BY id::text COLLATE "C"
      LIMIT ${atOnce}`)
    yield* rows
    if (rows.length < atOnce) return
    after = rows.at(-1)?.id ?? after
  }
}

/** Refuses a target whose files are not of this move. Throws CONFLICT. */
export async function refuseOtherFiles(move: Pick<StoreMove, 'source' | 'target'>): Promise<void> {
  if (keepsFiles(move) || (await countFiles(move.source)) === 0) return
  for await (const key of move.target.files.list('')) {
    const isOurs = (await move.source.files.size(key)) !== undefined || (await isCopied(move, key))
    if (isOurs) continue
    throw new AppError(
      'CONFLICT',
      `The target's files (EARSHOT_FILES, or ${move.target.config.dataDirectory}) are not empty: ${key} is not of this move; name an empty place.`,
    )
  }
}

/** Counts the files of a side. */
export async function countFiles({ files }: Pick<MoveSource, 'files'>): Promise<number> {
  let count = 0
  for await (const key of files.list('')) if (key !== '') count++
  return count
}

interface Copied {
  source: Digest
  target: Digest | undefined
}

/** Returns undefined when the file no longer exists, for example because it expired meanwhile. */
async function copyFile({ source, target, signal }: StoreMove, key: string): Promise<Copied | undefined> {
  const file = await source.files.read(key)
  if (!file) return undefined
  const stored = await target.files.put(key, file.content, signal)
  const back = await target.files.read(key)
  const arrived = back && (await digestOf(back.content))
  if (arrived?.sha256 === stored.sha256) {
    await target.postgres.run(sql`
      INSERT INTO store_move_files (key, bytes, sha256)
      VALUES (${key}, ${stored.bytes}, ${stored.sha256})
      ON CONFLICT (key) DO UPDATE
      SET bytes = excluded.bytes, sha256 = excluded.sha256`)
  }
  return { source: stored, target: arrived }
}

async function digestOf(content: AsyncIterable<Uint8Array>): Promise<Digest> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const piece of content) {
    hash.update(piece)
    bytes += piece.length
  }
  return { bytes, sha256: hash.digest('hex') }
}

async function isCopied({ target }: Pick<StoreMove, 'target'>, key: string): Promise<boolean> {
  const row = await target.postgres.first(sql`SELECT 1 FROM store_move_files WHERE key = ${key}`)
  return row !== undefined
}

/** A file that an earlier run copied and that is still there. */
async function findCopied({ target }: StoreMove, key: string): Promise<Copied | undefined> {
  const noted = await target.postgres.first<Digest>(sql`
    SELECT bytes, sha256
    FROM store_move_files
    WHERE key = ${key}`)
  return noted && (await target.files.size(key)) === noted.bytes ? { source: noted, target: noted } : undefined
}

async function dropGone({ source, target }: StoreMove): Promise<void> {
  for (let after = ''; ;) {
    const rows = await target.postgres.query<{ key: string }>(sql`
      SELECT key
      FROM store_move_files
      WHERE key > ${after}
      ORDER BY key
      LIMIT ${atOnce}`)
    for (const { key } of rows) {
      if ((await source.files.size(key)) !== undefined) continue
      await target.files.remove(key)
      await target.postgres.run(sql`DELETE FROM store_move_files WHERE key = ${key}`)
    }
    if (rows.length < atOnce) return
    after = rows.at(-1)?.key ?? after
  }
}

/** Sixty-four bits of a hash over a file's name and content. */
function add(total: Sum, key: string, { bytes, sha256 }: Digest): void {
  total.files++
  total.sum += createHash('sha256').update(`${key}\n${bytes}\n${sha256}`).digest().readBigUInt64BE()
}

function comparisonOf(table: string, here: Sum, there: Sum): Comparison {
  return {
    kind: 'files',
    table,
    sourceRows: here.files,
    targetRows: there.files,
    sourceChecksum: checksumOf(here.sum),
    targetChecksum: checksumOf(there.sum),
  }
}
