import type { ClickHouse, Parameters } from '../../store/clickhouse/clickhouse.ts'
import { sql } from '../../store/postgres/postgres.ts'
import type { MoveSource } from './storeMove.ts'

/** A table of call data that is moved. */
interface CallTable {
  name: string
  /** Every stored column. */
  columns: string[]
  /** The column after the account in the table's order, by which an account's rows are divided into slices. */
  key: string
  keyType: string
}

/** An account and its last batch; while the batch number is the same, its rows have not changed. */
interface MovedAccount {
  id: number
  batch: number
}

/** The rows of one table that belong to one account. */
export interface CallShare {
  table: CallTable
  account: MovedAccount
  /** Approximate number of rows, because stored versions are counted. */
  rows: number
}

/** A range of a share's keys: after `after`, up to and with `upTo`; null is open. */
export interface CallSlice {
  after: string | null
  upTo: string | null
  /** Approximate number of stored versions. */
  rows: number
}

/**
 * Lists every table's rows per account. Totals are rebuilt from the calls instead of moved; only their tables do not
 * replace rows.
 */
export async function readShares(source: MoveSource): Promise<CallShare[]> {
  const accounts = await source.postgres.query<MovedAccount>(sql`
    SELECT id, coalesce(last_batch, 0) AS batch
    FROM accounts
    LEFT JOIN ingest_accounts ON ingest_accounts.account_id = accounts.id
    ORDER BY id`)
  const shares: CallShare[] = []
  for (const table of await readTables(source.clickhouse)) {
    for (const account of accounts) {
      const [counted] = await source.clickhouse.rows<{ rows: number }>(
        `SELECT count() AS rows
         FROM ${table.name}
         WHERE account_id = {accountId:UInt32}`,
        { accountId: account.id },
      )
      shares.push({ table, account, rows: counted?.rows ?? 0 })
    }
  }
  return shares
}

async function readTables(clickhouse: ClickHouse): Promise<CallTable[]> {
  const tables = await clickhouse.rows<{ name: string; sorting_key: string }>(`
    SELECT name, sorting_key
    FROM system.tables
    WHERE database = currentDatabase()
      AND engine = 'ReplacingMergeTree'
    ORDER BY name`)
  const columns = await clickhouse.rows<{ table: string; name: string; type: string }>(`
    SELECT table, name, type
    FROM system.columns
    WHERE database = currentDatabase()
      AND default_kind = ''
    ORDER BY table, position`)
  return tables.map(({ name, sorting_key }) => {
    const own = columns.filter((column) => column.table === name)
    const key = own.find((column) => column.name === sorting_key.split(', ')[1])
    if (!key) throw new Error(`The table ${name} has no key after the account.`)
    return { name, columns: own.map((column) => column.name), key: key.name, keyType: key.type }
  })
}

/** The slice of about `maxRows` rows that begins after a key; the last one is open, and there always is one. */
export async function nextSlice(
  { clickhouse }: MoveSource,
  share: CallShare,
  after: string | null,
  maxRows: number,
): Promise<CallSlice> {
  const { table } = share
  const [found] = await clickhouse.rows<{ upTo: string; rows: number }>(
    `SELECT
       toString(max(key)) AS "upTo",
       count() AS rows
     FROM
     (
       SELECT ${table.key} AS key
       FROM ${table.name}
       WHERE ${conditionOf(share, { after, upTo: null })}
       ORDER BY account_id, ${table.key}
       LIMIT {maxRows:UInt64}
     )`,
    { ...parametersOf(share, { after, upTo: null }), maxRows },
  )
  const rows = found?.rows ?? 0
  return { after, upTo: found && rows >= maxRows ? found.upTo : null, rows }
}

/** The condition of a slice of a share. */
export function conditionOf({ table }: CallShare, slice: Omit<CallSlice, 'rows'>): string {
  const conditions = ['account_id = {accountId:UInt32}']
  if (slice.after !== null) conditions.push(`${table.key} > {after:${table.keyType}}`)
  if (slice.upTo !== null) conditions.push(`${table.key} <= {upTo:${table.keyType}}`)
  return conditions.join('\n  AND ')
}

/** The parameters of the condition. */
export function parametersOf({ account }: CallShare, { after, upTo }: Omit<CallSlice, 'rows'>): Parameters {
  return {
    accountId: account.id,
    ...(after === null ? {} : { after }),
    ...(upTo === null ? {} : { upTo }),
  }
}
