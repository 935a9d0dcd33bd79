import { AppError } from '../../errors.ts'
import { sql, sqlScript, type Queryable } from '../../store/postgres/postgres.ts'
import {
  loadLines,
  readLines,
  readSequences,
  readTables,
  restoreSequences,
  setSameText,
  sumOfTable,
  type ControlTable,
} from '../backup/controlTables.ts'
import { completeMove, isMoveRecord } from './moveRecord.ts'
import { checksumOf, isSame, type Comparison, type StoreMove } from './storeMove.ts'

/**
 * Copies the control data, compares it and enables the target in one transaction: before it commits the target has no
 * account, and late changes by commands such as `keys` are included.
 */
export async function moveControlData(move: StoreMove): Promise<Comparison[]> {
  // The transactions wait for each other's database: their ends are what holds the copy together.
  return move.source.postgres.transaction((from) =>
    move.target.postgres.transaction(async (to) => {
      await from.run(sqlScript('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ'))
      await setSameText(from)
      await setSameText(to)
      await refuseOpenBatches(from)
      const tables = await readMovedTables(from)
      const keys = await dropForeignKeys(to)
      for (const table of tables) await to.run(sqlScript(`DELETE FROM ${table.quoted}`))
      const comparisons: Comparison[] = []
      for (const [index, table] of tables.entries()) {
        move.signal.throwIfAborted()
        move.onProgress({ step: 'moving control data', what: table.name, done: index, total: tables.length })
        await loadLines(to, table, readLines(from, table))
        comparisons.push(await compare(from, to, table))
      }
      await restoreSequences(to, await readSequences(from))
      await restoreForeignKeys(to, keys)
      const wrong = comparisons.filter((compared) => !isSame(compared)).map((compared) => compared.table)
      if (wrong.length > 0) throw new AppError('INTERNAL_ERROR', differing(wrong))
      await settle(to)
      await completeMove(to)
      return comparisons
    }),
  )
}

/** Describes a difference with the names of the tables. */
export function differing(tables: readonly string[]): string {
  return `The target differs from the folder in ${tables.join(', ')}. The folder is as it was and the target cannot be used; the same command again moves what differs anew.`
}

/** The tables that are moved, those of the move's own record left out. */
export async function readMovedTables(on: Queryable): Promise<ControlTable[]> {
  return (await readTables(on)).filter((table) => !isMoveRecord(table.name))
}

/** Counts the rows of a control table. */
export async function countRows(on: Queryable, table: ControlTable): Promise<number> {
  const row = await on.first<{ rows: number }>(sqlScript(`SELECT count(*) AS rows FROM ${table.quoted}`))
  return row?.rows ?? 0
}

/** Their rows would not be among those that were moved. */
async function refuseOpenBatches(from: Queryable): Promise<void> {
  const open = await from.first(sql`SELECT 1 FROM ingest_batches LIMIT 1`)
  if (open)
    throw new AppError(
      'CONFLICT',
      'The folder took records while it was moved; stop whatever writes, and run the command again.',
    )
}

async function compare(from: Queryable, to: Queryable, table: ControlTable): Promise<Comparison> {
  const here = await sumOfTable(from, table)
  const there = await sumOfTable(to, table)
  return {
    kind: 'control data',
    table: table.name,
    sourceRows: here.rows,
    targetRows: there.rows,
    sourceChecksum: checksumOf(BigInt(here.sum)),
    targetChecksum: checksumOf(BigInt(there.sum)),
  }
}

interface ForeignKey {
  table: string
  name: string
  definition: string
}

/** Rows come table by table, so references are checked once all are there: an owner of the tables may do it this way. */
async function dropForeignKeys(to: Queryable): Promise<ForeignKey[]> {
  const keys = await to.query<ForeignKey>(sql`
    SELECT
      conrelid::regclass::text AS table,
      quote_ident(conname) AS name,
      pg_get_constraintdef(oid) AS definition
    FROM pg_constraint
    WHERE contype = 'f'
      AND connamespace = 'public'::regnamespace
    ORDER BY conrelid::regclass::text, conname`)
  for (const { table, name } of keys) await to.run(sqlScript(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`))
  return keys
}

async function restoreForeignKeys(to: Queryable, keys: readonly ForeignKey[]): Promise<void> {
  for (const { table, name, definition } of keys) {
    await to.run(sqlScript(`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition}`))
  }
}

/** What is not as it was in the folder: totals are worked out anew, and a backup of the folder is no work for servers. */
async function settle(to: Queryable): Promise<void> {
  await to.run(sql`UPDATE call_days SET totals_batch = 0, totals_version = 0`)
  await to.run(sql`DELETE FROM jobs WHERE kind = 'backup'`)
}
