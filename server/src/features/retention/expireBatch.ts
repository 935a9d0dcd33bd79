import type { Context } from '../../context.ts'
import { recordAudit } from '../accounts/recordAudit.ts'
import { plainCommand, type Expiry } from '../../recordLog/command.ts'

/**
 * Deletes a batch in a commit and records it in the audit log first: after a crash in between, the log names a deletion
 * that the next pass performs, and no deletion is ever missing from the log.
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
