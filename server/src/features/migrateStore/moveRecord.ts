import { AppError } from '../../errors.ts'
import { sql, sqlScript, type Queryable } from '../../store/postgres/postgres.ts'
import type { ServerClickHouse } from '../../store/clickhouse/serverClickHouse.ts'
import { readTables } from '../backup/controlTables.ts'
import type { CallShare } from './callShares.ts'
import type { MoveSource, StoreMove } from './storeMove.ts'

/** Tables in which the target notes the move itself. */
export function isMoveRecord(table: string): boolean {
  return table.startsWith('store_move')
}

/** Where the target stands with the move of a folder. */
export type MoveState = { state: 'none' } | { state: 'under way'; shares: number } | { state: 'complete'; at: Date }

/** What the folder's own database is called; a renamed folder is the same. */
async function sourceId({ postgres }: MoveSource): Promise<string> {
  const row = await postgres.first<{ id: string }>(sql`SELECT system_identifier::text AS id FROM pg_control_system()`)
  if (!row) throw new Error('PostgreSQL does not say which it is.')
  return row.id
}

/** Where the target stands. Throws CONFLICT when it holds anything that is not of this move. */
export async function readMoveState({ source, target }: Pick<StoreMove, 'source' | 'target'>): Promise<MoveState> {
  const id = await sourceId(source)
  const found = await target.postgres.first<{ id: string; folder: string; at: Date | null; shares: number }>(sql`
    SELECT
      source_id AS id,
      source_folder AS folder,
      completed_at AS at,
      (SELECT count(*) FROM store_move_shares WHERE is_moved) AS shares
    FROM store_moves
    ORDER BY source_id = ${id} DESC
    LIMIT 1`)
  if (!found) {
    await refuseOccupied(target)
    return { state: 'none' }
  }
  if (found.id !== id) {
    throw new AppError(
      'CONFLICT',
      `Another folder, ${found.folder}, ${found.at ? 'was' : 'is being'} moved into this target; choose an empty database in EARSHOT_DATABASE_URL and EARSHOT_CLICKHOUSE_URL.`,
    )
  }
  return found.at ? { state: 'complete', at: found.at } : { state: 'under way', shares: found.shares }
}

/** What a server writes by itself, with no account there. */
const ownTables = new Set(['periodic_work', 'clock'])

async function refuseOccupied({ postgres, clickhouse }: { postgres: Queryable; clickhouse: ServerClickHouse }) {
  for (const table of await readTables(postgres)) {
    if (isMoveRecord(table.name) || ownTables.has(table.name)) continue
    const row = await postgres.first(sqlScript(`SELECT 1 FROM ${table.quoted} LIMIT 1`))
    if (row) throw occupied('PostgreSQL', 'EARSHOT_DATABASE_URL', table.name)
  }
  const tables = await clickhouse.rows<{ name: string }>(`
    SELECT DISTINCT table AS name
    FROM system.columns
    WHERE database = currentDatabase()
      AND name = 'account_id'
    ORDER BY name`)
  for (const { name } of tables) {
    const rows = await clickhouse.rows(`SELECT 1 AS one FROM ${name} LIMIT 1`)
    if (rows.length > 0) throw occupied('ClickHouse', 'EARSHOT_CLICKHOUSE_URL', name)
  }
}

function occupied(engine: string, setting: string, table: string): AppError {
  return new AppError(
    'CONFLICT',
    `The target is not empty: its ${engine} has rows in ${table} that are not of this move; name an empty database in ${setting}.`,
  )
}

/**
 * Notes that the move began, unless it has: from here on no server starts on the target. One that started before, since
 * the target was looked at, is found now, and so is what it left. Throws CONFLICT.
 */
export async function beginMove({ source, target }: StoreMove): Promise<void> {
  await target.postgres.run(sql`
    INSERT INTO store_moves (source_id, source_folder, began_at)
    VALUES (${await sourceId(source)}, ${source.config.dataDirectory}, now())
    ON CONFLICT (source_id) DO UPDATE
    SET source_folder = excluded.source_folder`)
  if (await target.postgres.first(sql`SELECT 1 FROM store_move_shares LIMIT 1`)) return
  try {
    await target.lock.refuseOthers()
    await refuseOccupied(target)
  } catch (error) {
    await target.postgres.run(sql`DELETE FROM store_moves WHERE completed_at IS NULL`)
    throw error
  }
}

/** Notes that everything is there and right: the target may be used. */
export async function completeMove(tx: Queryable): Promise<void> {
  await tx.run(sql`UPDATE store_moves SET completed_at = now() WHERE completed_at IS NULL`)
  await tx.run(sql`DELETE FROM store_move_shares`)
  await tx.run(sql`DELETE FROM store_move_files`)
}

/** How far a share has come. */
export interface ShareState {
  /** Whether rows may be there that are not, or no longer, the folder's. */
  isStale: boolean
  isMoved: boolean
  movedTo: string | null
}

export async function readShareState({ target }: StoreMove, { table, account }: CallShare): Promise<ShareState> {
  const found = await target.postgres.first<ShareState>(sql`
    SELECT
      batch <> ${account.batch} AS "isStale",
      is_moved AS "isMoved",
      moved_to AS "movedTo"
    FROM store_move_shares
    WHERE table_name = ${table.name}
      AND account_id = ${account.id}`)
  return found ?? { isStale: false, isMoved: false, movedTo: null }
}

/** Notes how far a share has come; `movedTo` null is its end. */
export async function noteShare({ target }: StoreMove, share: CallShare, movedTo: string | null): Promise<void> {
  await noteState(target.postgres, share, { batch: share.account.batch, movedTo, isMoved: movedTo === null })
}

/** Notes that nothing of a share is there. */
export async function noteCleared({ target }: StoreMove, share: CallShare): Promise<void> {
  await noteState(target.postgres, share, { batch: share.account.batch, movedTo: null, isMoved: false })
}

/** Notes that what came of a share is wrong, so that it is moved anew. */
export async function noteWrong({ target }: StoreMove, share: CallShare): Promise<void> {
  await noteState(target.postgres, share, { batch: -1, movedTo: null, isMoved: false })
}

async function noteState(
  postgres: Queryable,
  { table, account }: CallShare,
  { batch, movedTo, isMoved }: { batch: number; movedTo: string | null; isMoved: boolean },
): Promise<void> {
  await postgres.run(sql`
    INSERT INTO store_move_shares (table_name, account_id, batch, moved_to, is_moved)
    VALUES (${table.name}, ${account.id}, ${batch}, ${movedTo}, ${isMoved})
    ON CONFLICT (table_name, account_id) DO UPDATE
    SET batch = excluded.batch, moved_to = excluded.moved_to, is_moved = excluded.is_moved`)
}
