import { requireScope, type Context } from '../../context.ts'
import { readWatermark } from '../../recordLog/watermark.ts'
import { isUnfinished } from './conditions.ts'

/** An unfinished call that blocks the feed, or will block it, and has not changed for long. */
export interface BlockedCall {
  number: number
  id: string
  phase: string
  status: string
  startedAt: number
  /** Time of the last change; the wait counts from it. */
  updatedAt: number
  waitingSeconds: number
}

const maxCalls = 100

/**
 * Lists calls that are neither DONE nor ERROR and have not changed for longer than the setting allows, lowest number
 * first, at most 100. The first one blocks the feed unless an unfinished call with a lower number precedes it.
 */
export async function findBlockedCalls(context: Context): Promise<BlockedCall[]> {
  requireScope(context, 'admin')
  const { ports, accountId } = context
  const watermark = await readWatermark(ports, accountId)
  const now = ports.now()
  const rows = await ports.clickhouse.rows<Omit<BlockedCall, 'waitingSeconds'>>(
    `SELECT
       number,
       id,
       phase,
       status,
       toUnixTimestamp64Milli(started_at) AS startedAt,
       toUnixTimestamp64Milli(updated_at) AS updatedAt
     FROM calls FINAL
     WHERE account_id = {accountId:UInt32}
       AND number <= {lastNumber:UInt64}
       AND removed = 0
       AND ${isUnfinished}
       AND updated_at <= fromUnixTimestamp64Milli({changedBefore:Int64}, 'UTC')
     ORDER BY number
     LIMIT ${maxCalls}`,
    { accountId, lastNumber: watermark.number, changedBefore: now - ports.config.feedBlockedAfterSeconds * 1000 },
  )
  return rows.map((call) => ({ ...call, waitingSeconds: Math.floor((now - call.updatedAt) / 1000) }))
}
