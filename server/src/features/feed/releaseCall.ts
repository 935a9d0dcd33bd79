import { requireScope, type Context } from '../../context.ts'
import type { Values } from '../../domain/collections/collection.ts'
import { keyHash } from '../../domain/keyHash.ts'
import { AppError } from '../../errors.ts'
import { recordAudit } from '../accounts/recordAudit.ts'
import type { StoredRecord } from '../../recordLog/storedRecord.ts'
import { plainCommand, type CallChange } from '../../recordLog/command.ts'
import { waitUntilReadable } from '../../recordLog/waitUntilReadable.ts'

/** A call by its number or by its id. */
export type CallName = { number: number } | { id: string }

export interface ReleasedCall {
  number: number
  id: string
  /** The phase before the release; the phase is now ERROR. */
  phase: string
}

/**
 * Lets the feed continue past a call that will not finish: it sets the phase to ERROR, as if a client had sent it, and
 * records the user in the audit log. Throws RESOURCE_NOT_FOUND for an unknown call, CONFLICT when the call is finished.
 */
export async function releaseCall(context: Context, name: CallName): Promise<ReleasedCall> {
  requireScope(context, 'admin')
  const { ports, accountId } = context
  const call = await findCall(context, name)
  refuseFinished(call.number, call.phase)
  const event = { action: 'feed.released', subject: `call:${call.number}`, details: { phase: call.phase } }
  await ports.postgres.transaction((tx) => recordAudit(tx, context, event))
  async function decide(current: StoredRecord | undefined): Promise<Values> {
    // The call may have been finished or deleted meanwhile.
    if (!current || current.removed) throw noSuchCall()
    refuseFinished(call.number, String(current.values['phase'] ?? current.derived['phase']))
    return { phase: 'ERROR' }
  }
  const work: CallChange = { kind: 'changeCall', callId: call.id, decide }
  await ports.recordLog.submit(accountId, plainCommand(work))
  return call
}

async function findCall({ ports, accountId }: Context, name: CallName): Promise<ReleasedCall> {
  await waitUntilReadable(ports, accountId)
  const named =
    'number' in name
      ? 'number = {number:UInt64}'
      : `id = {id:String}
       AND number IN
       (
         SELECT number
         FROM record_keys
         WHERE account_id = {accountId:UInt32}
           AND collection = 'calls'
           AND id_hash = {hash:UInt64}
       )`
  const [call] = await ports.clickhouse.rows<ReleasedCall>(
    `SELECT calls.number AS number, calls.id AS id, calls.phase AS phase
     FROM calls FINAL
     WHERE account_id = {accountId:UInt32}
       AND removed = 0
       AND ${named}`,
    { accountId, ...('number' in name ? name : { id: name.id, hash: keyHash(name.id) }) },
  )
  if (!call) throw noSuchCall()
  return call
}

function noSuchCall(): AppError {
  return new AppError('RESOURCE_NOT_FOUND', 'There is no such call.')
}

function refuseFinished(number: number, phase: string): void {
  if (phase !== 'DONE' && phase !== 'ERROR') return
  throw new AppError('CONFLICT', `The call ${number} is ${phase}; the feed does not wait for it.`)
}
