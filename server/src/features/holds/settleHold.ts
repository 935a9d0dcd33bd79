import type { App } from '../../app.ts'
import { systemContext, type Context } from '../../context.ts'
import { calls } from '../../domain/collections/calls.ts'
import { AppError } from '../../errors.ts'
import { sql } from '../../store/postgres.ts'
import type { HoldRow } from './hold.ts'

/**
 * Makes the call's own flag, which ingestion obeys, say what its hold's row says; a released row goes then. Looks again
 * until the row is as it was before the flag was set. Throws RESOURCE_NOT_FOUND when the call is not there, and takes the
 * row away.
 */
export async function settleHold({ app, accountId }: Context, callId: string): Promise<void> {
  for (;;) {
    const row = await app.postgres.first<HoldRow>(sql`
      SELECT *
      FROM legal_holds
      WHERE account_id = ${accountId}
        AND call_id = ${callId}`)
    const isHeld = row !== undefined && row.released_at === null
    const isThere = await flagCall(app, accountId, callId, isHeld)
    if (!row) return
    const same = sql`
      account_id = ${accountId}
        AND call_id = ${callId}
        AND (released_at IS NULL) = ${isHeld}`
    const settled =
      isHeld && isThere
        ? await app.postgres.run(sql`UPDATE legal_holds SET is_settled = true WHERE ${same}`)
        : await app.postgres.run(sql`DELETE FROM legal_holds WHERE ${same}`)
    if (settled === 0) continue
    if (isThere) return
    throw new AppError('RESOURCE_NOT_FOUND', `There is no call ${JSON.stringify(callId.slice(0, 128))}.`)
  }
}

/** Settles what a process that died left: a hold that was set, or released, and not yet told to its call. */
export async function settleHolds(app: App): Promise<void> {
  const rows = await app.postgres.query<HoldRow>(sql`
    SELECT *
    FROM legal_holds
    WHERE NOT is_settled`)
  for (const row of rows) {
    await settleHold(systemContext(app, row.account_id), row.call_id).catch((error: unknown) => {
      // The call was deleted before its hold could take effect.
      if (!(error instanceof AppError && error.code === 'RESOURCE_NOT_FOUND')) throw error
    })
  }
}

/** False when there is no such call (any more). */
async function flagCall(app: App, accountId: number, callId: string, isHeld: boolean): Promise<boolean> {
  try {
    await app.ingest.submit(accountId, {
      work: {
        kind: 'merge',
        collection: calls,
        writes: [
          {
            index: 0,
            write: { key: callId, set: { id: callId, legalHold: isHeld ? true : null }, revision: undefined },
          },
        ],
        skipsFaults: false,
      },
      faults: [],
      isDryRun: false,
      isAnnounced: true,
      idempotency: undefined,
    })
    return true
  } catch (error) {
    // Of a call that is not there the required fields are missing; one that was deleted cannot be written.
    if (error instanceof AppError && error.code === 'VALIDATION_ERROR') return false
    throw error
  }
}
