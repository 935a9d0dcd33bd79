import { requireScope, type Context } from '../../context.ts'
import { collections } from '../../domain/collections/all.ts'
import { waitUntilReadable } from '../../recordLog/waitUntilReadable.ts'

const hourMs = 3_600_000
const windowMs = 24 * hourMs

/** The records that one collection received. */
export interface Received {
  collection: string
  /** Records that were sent or changed in the window, each counted once. */
  records: number
  /** Milliseconds since 1970, like all times here. */
  lastAt: number
  /** The UTC hours that have records, oldest first; a record counts in the hour of its last change. */
  hours: { startsAt: number; records: number }[]
}

interface HourRow {
  collection: string
  startsAt: number
  records: number
  lastAt: number
}

/** Counts the records of the last 24 hours by collection and hour; collections without records are left out. */
export async function countReceived(context: Context): Promise<{ from: number; to: number; received: Received[] }> {
  requireScope(context, 'admin')
  const { ports, accountId } = context
  await waitUntilReadable(ports, accountId)
  const to = ports.now()
  const from = to - windowMs
  // The versions of a record are ordered by their times, so skipping older parts never loses the last version.
  const rows = await ports.clickhouse.rows<HourRow>(
    `${collections.map(({ name, table }) => hoursOf(name, table)).join('\nUNION ALL\n')}
     ORDER BY collection, startsAt
     SETTINGS use_skip_indexes_if_final = 1`,
    { accountId, fromMs: from },
  )
  const received = collections.flatMap(({ name }) => {
    const own = rows.filter(({ collection }) => collection === name)
    if (own.length === 0) return []
    return {
      collection: name,
      records: own.reduce((sum, { records }) => sum + records, 0),
      lastAt: Math.max(...own.map(({ lastAt }) => lastAt)),
      hours: own.map(({ startsAt, records }) => ({ startsAt, records })),
    }
  })
  return { from, to, received }
}

function hoursOf(name: string, table: string): string {
  return `
    SELECT
      '${name}' AS collection,
      intDiv(toUnixTimestamp64Milli(updated_at), ${hourMs}) * ${hourMs} AS startsAt,
      count() AS records,
      max(toUnixTimestamp64Milli(updated_at)) AS lastAt
    FROM ${table} FINAL
    WHERE account_id = {accountId:UInt32}
      AND removed = 0
      AND updated_at >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
    GROUP BY startsAt`
}
