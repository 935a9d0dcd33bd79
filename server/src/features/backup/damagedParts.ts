import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../errors.ts'
import type { ClickHouse } from '../../store/clickhouse/clickhouse.ts'

/** A part (a folder of rows) of the call data that differs from what the engine wrote. */
export interface DamagedPart {
  path: string
  reason: string
}

/** Advice for the operator. */
export const damageRemedy =
  'Restore the newest backup from before the damage and send again what came since; or stop the server and move the folder away, to do without its rows.'

/**
 * Lists the parts that the embedded engine detached at its start because it could not read them; their rows are missing
 * since then.
 */
export async function partsPutAside(dataDirectory: string): Promise<DamagedPart[]> {
  const found: DamagedPart[] = []
  const store = join(dataDirectory, 'clickhouse', 'store')
  for (const group of await namesIn(store)) {
    for (const table of await namesIn(join(store, group))) {
      const detached = join(store, group, table, 'detached')
      for (const name of await namesIn(detached)) {
        if (!name.startsWith('broken')) continue
        found.push({ path: join(detached, name), reason: 'the engine could not read it at a start, and put it aside' })
      }
    }
  }
  return found
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => [])
}

/** Makes the engine compare every byte of every part with its checksums. */
export async function checkParts(clickhouse: ClickHouse): Promise<DamagedPart[]> {
  const tables = await clickhouse.rows<{ name: string }>(`
    SELECT name
    FROM system.tables
    WHERE database = currentDatabase()
      AND engine LIKE '%MergeTree'
    ORDER BY name`)
  const found: DamagedPart[] = []
  for (const { name } of tables) {
    const parts = await clickhouse.rows<{ part_path: string; is_passed: number; message: string }>(
      `CHECK TABLE ${name} SETTINGS check_query_single_value_result = 0`,
    )
    for (const { part_path: part, is_passed: isSound, message } of parts) {
      if (isSound) continue
      const [row] = await clickhouse.rows<{ path: string }>(
        `SELECT path
         FROM system.parts
         WHERE database = currentDatabase()
           AND table = {name:String}
           AND name = {part:String}`,
        { name, part },
      )
      const reason = message.replace(/^Code: \d+\. DB::Exception: /, '').replace(/\.? \([A-Z_]+\) \(version .*$/, '')
      found.push({ path: row?.path ?? `${name} ${part}`, reason })
    }
  }
  return found
}

/** Checks that a backup would contain every row. Throws CONFLICT with the name of the first damaged part. */
export async function requireSoundParts(dataDirectory: string, clickhouse: ClickHouse): Promise<void> {
  const [first, ...others] = [...(await partsPutAside(dataDirectory)), ...(await checkParts(clickhouse))]
  if (!first) return
  throw new AppError(
    'CONFLICT',
    `A part of the call data is damaged${others.length > 0 ? `, and ${others.length} more` : ''}: ${first.path}: ${first.reason}. No backup was made, as it would lack those rows. ${damageRemedy}`,
  )
}
