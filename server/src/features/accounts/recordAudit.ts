import type { Actor } from '../../context.ts'
import { sql, type Queryable } from '../../store/postgres/postgres.ts'
import { type ControlContext } from './controlContext.ts'

/** Writes an audit entry in the transaction of the change. `details` contain no secret. */
export async function recordAudit(
  tx: Queryable,
  context: ControlContext,
  event: { action: string; subject: string; details?: Record<string, unknown> },
): Promise<void> {
  await tx.run(sql`
    INSERT INTO audit_events (account_id, at, actor, action, subject, details)
    VALUES (
      ${context.accountId},
      ${new Date(context.ports.now())},
      ${actorName(context.actor)},
      ${event.action},
      ${event.subject},
      ${JSON.stringify(event.details ?? {})}
    )`)
}

/** Formats an actor for the audit log. */
export function actorName(actor: Actor): string {
  if (actor.kind === 'user') return `user:${actor.userId}`
  return actor.kind === 'key' ? `key:${actor.keyId}` : 'system'
}
