import type { Context } from '../../context.ts'
import { recordAudit } from '../accounts/recordAudit.ts'
import { plainCommand, type Expiry } from '../../recordLog/command.ts'

/**
 * Takes a batch away in the account's turn, told in the audit log before: a process that dies in between has told of
 * something that its successor does, and never done something untold.
 */
export async function expireBatch(context: Context, work: Expiry, before: number): Promise<void> {
  const { ports, accountId } = context
  await recordAudit(ports.postgres, context, {
    action: `retention.${work.what}`,
    subject: work.what === 'earlyParts' ? work.collection.name : work.what,
    details: { before: new Date(before).toISOString(), count: work.callIds.length, callIds: work.callIds },
  })
  await ports.recordLog.submit(accountId, plainCommand(work))
}
