import { requireScope, type Context } from '../../context.ts'
import { sql } from '../../store/postgres/postgres.ts'

const dayMs = 24 * 3_600_000
const maxListed = 200

/** A kind of fault for which records or requests of one sender were refused. */
export interface IngestFault {
  /** The sender. `prefix` is the prefix of an API key; `name` is empty when the user no longer exists. */
  source: { kind: 'key' | 'user'; id: string; name: string; prefix: string | null }
  path: string
  collection: string | null
  code: string
  field: string | null
  /** States what is wrong and what would be right. */
  message: string
  counts: 'records' | 'requests'
  refused: number
  lastAt: Date
}

interface FaultRow {
  source: string
  path: string
  collection: string
  code: string
  field: string
  rule: string
  counts_records: boolean
  refused: number
  last_at: Date
  name: string | null
  prefix: string | null
}

/** Lists what ingestion refused in the last days, by sender and kind of fault, latest first; at most 200 kinds. */
export async function listFaults(
  context: Context,
  { days }: { days: number },
): Promise<{ from: number; to: number; faults: IngestFault[] }> {
  requireScope(context, 'admin')
  const { ports, accountId } = context
  await ports.faults.flush()
  const to = ports.now()
  const from = to - days * dayMs
  const rows = await ports.postgres.query<FaultRow>(sql`
    WITH kinds AS (
      SELECT source, path, collection, code, field, rule, counts_records,
        sum(refused)::bigint AS refused,
        max(last_at) AS last_at
      FROM ingest_faults
      WHERE account_id = ${accountId}
        AND hour > ${new Date(from)}::timestamptz - INTERVAL '1 hour'
        AND last_at >= ${new Date(from)}
      GROUP BY source, path, collection, code, field, rule, counts_records
      ORDER BY last_at DESC, refused DESC, path, field, rule
      LIMIT ${maxListed}
    )
    SELECT kinds.*, coalesce(api_keys.name, users.name) AS name, api_keys.prefix
    FROM kinds
    LEFT JOIN api_keys ON api_keys.account_id = ${accountId}
      AND kinds.source = 'key:' || api_keys.id
    LEFT JOIN users ON users.account_id = ${accountId}
      AND kinds.source = 'user:' || users.id
    ORDER BY kinds.last_at DESC, kinds.refused DESC, kinds.path, kinds.field, kinds.rule`)
  return { from, to, faults: rows.map(faultFrom) }
}

function faultFrom(row: FaultRow): IngestFault {
  const [kind = '', id = ''] = row.source.split(':')
  return {
    source: { kind: kind === 'user' ? 'user' : 'key', id, name: row.name ?? '', prefix: row.prefix },
    path: row.path,
    collection: row.collection === '' ? null : row.collection,
    code: row.code,
    field: row.field === '' ? null : row.field,
    message: row.rule,
    counts: row.counts_records ? 'records' : 'requests',
    refused: row.refused,
    lastAt: row.last_at,
  }
}
