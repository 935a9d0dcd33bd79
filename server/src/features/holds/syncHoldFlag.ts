import type { Ports } from '../../ports.ts'
import { systemContext, type Context } from '../../context.ts'
import type { Values } from '../../domain/collections/collection.ts'
import { AppError } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { plainCommand, type CallChange } from '../../recordLog/command.ts'
import type { HoldRow } from './hold.ts'

/** With the id of the transaction that wrote the row; every change gives another. */
type VersionedRow = HoldRow & { version: string }

/**
 * Sets the call's hold flag, which ingestion obeys, to the state of its row in `legal_holds`, and deletes a released
 * row. The row is read within the commit that sets the flag, so the last commit uses the latest state even after a
 * crash or a delay. The row is updated only if it is unchanged since that reading. Throws RESOURCE_NOT_FOUND for an
 * unknown call and deletes its row.
 */
export async function syncHoldFlag({ ports, accountId }: Context, callId: string): Promise<void> {
  const { row, isThere } = await flagCall(ports, accountId, callId)
  if (!row) return
  const asRead = sql`
    account_id = ${accountId}
      AND call_id = ${callId}
      AND xmin::text = ${row.version}`
  await ports.postgres.run(
    isHeld(row) && isThere
      ? sql`UPDATE legal_holds SET is_synced = true WHERE ${asRead}`
      : sql`DELETE FROM legal_holds WHERE ${asRead}`,
  )
  if (isThere) return
  throw new AppError('RESOURCE_NOT_FOUND', `There is no call ${JSON.stringify(callId.slice(0, 128))}.`)
}

function isHeld(row: HoldRow | undefined): boolean {
  return row !== undefined && row.released_at === null
}

/** Completes what dead processes left: holds that were set or released before their call's flag was. */
export async function syncHoldFlags(ports: Ports): Promise<void> {
  const rows = await ports.postgres.query<HoldRow>(sql`
    SELECT *
    FROM legal_holds
    WHERE NOT is_synced`)
  for (const row of rows) {
    await syncHoldFlag(systemContext(ports, row.account_id), row.call_id).catch((error: unknown) => {
      // The call was deleted before its hold could take effect.
      if (!(error instanceof AppError && error.code === 'RESOURCE_NOT_FOUND')) throw error
    })
  }
}

/** Sets the call's flag and returns the row that it was set from; the call may not exist (any more). */
async function flagCall(
  ports: Ports,
  accountId: number,
  callId: string,
): Promise<{ row: VersionedRow | undefined; isThere: boolean }> {
  let row: VersionedRow | undefined
  async function decide(): Promise<Values> {
    row = await ports.postgres.first<VersionedRow>(sql`
      SELECT *, xmin::text AS version
      FROM legal_holds
      WHERE account_id = ${accountId}
        AND call_id = ${callId}`)
    return { legalHold: isHeld(row) ? true : null }
  }
  try {
    const work: CallChange = { kind: 'changeCall', callId, decide }
    await ports.recordLog.submit(accountId, plainCommand(work))
    return { row, isThere: true }
  } catch (error) {
    // An unknown call lacks the required fields, and a deleted one cannot be written; both fail validation.
    if (error instanceof AppError && error.code === 'VALIDATION_ERROR') return { row, isThere: false }
    throw error
  }
}
