import type { Ports } from '../../ports.ts'
import { systemContext, type Context } from '../../context.ts'
import type { Values } from '../../domain/collections/collection.ts'
import { AppError } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { plainCommand, type CallChange } from '../../recordLog/command.ts'
import type { HoldRow } from './hold.ts'

/** With the transaction that wrote the row: any change of it gives another. */
type VersionedRow = HoldRow & { version: string }

/**
 * Makes the call's own flag, which ingestion obeys, say what its hold's row says; a released row goes then. The row is read
 * within the turn that sets the flag, so that the last turn has the last word, whoever dies or comes late; and it is only
 * settled as it was read. Throws RESOURCE_NOT_FOUND when the call is not there, and takes the row away.
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

/** Settles what a process that died left: a hold that was set, or released, and not yet told to its call. */
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

/** Gives the row by which the call was flagged; the call may not be there (any more). */
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
    // Of a call that is not there the required fields are missing; one that was deleted cannot be written.
    if (error instanceof AppError && error.code === 'VALIDATION_ERROR') return { row, isThere: false }
    throw error
  }
}
