import type { Actor } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { sql, type Sql } from '../../store/postgres/postgres.ts'
import type { ControlContext } from '../accounts/controlContext.ts'
import { recordAudit } from '../accounts/recordAudit.ts'
import { sessionIdleMs, sessionStates } from './sessionStates.ts'

/** An active session as its owner sees it. */
export interface OwnSession {
  /** The beginning of the cookie's hash, which does not authenticate. */
  id: string
  userAgent: string
  createdAt: Date
  lastSeenAt: Date
  expiresAt: Date
}

interface Row {
  id: string
  user_agent: string
  created_at: Date
  last_seen_at: Date
  expires_at: Date
}

const idBytes = 16
const idOfRow = sql`encode(substring(token_hash FROM 1 FOR ${idBytes}), 'hex')`

/** Returns the id of a session from the hash of its cookie. */
export function sessionIdOf(tokenHash: Buffer): string {
  return tokenHash.subarray(0, idBytes).toString('hex')
}

/** Lists the sessions of the caller's user or key, most recently used first. */
export async function listOwnSessions({ ports, accountId, actor }: ControlContext): Promise<OwnSession[]> {
  const now = ports.now()
  const rows = await ports.postgres.query<Row>(sql`
    SELECT ${idOfRow} AS id, user_agent, created_at, last_seen_at, expires_at
    FROM sessions
    WHERE account_id = ${accountId}
      AND ${isOf(actor)}
      AND expires_at > ${new Date(now)}
      AND last_seen_at > ${new Date(now - sessionIdleMs(ports))}
    ORDER BY last_seen_at DESC, id`)
  return rows.map((row) => ({
    id: row.id,
    userAgent: row.user_agent,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    expiresAt: row.expires_at,
  }))
}

/** Ends one of these sessions; it stops working within a second. Throws RESOURCE_NOT_FOUND. */
export async function endOwnSession(context: ControlContext, sessionId: string): Promise<void> {
  const { ports, accountId, actor } = context
  await ports.postgres.transaction(async (tx) => {
    const ended = await tx.run(sql`
      DELETE FROM sessions
      WHERE account_id = ${accountId}
        AND ${isOf(actor)}
        AND ${idOfRow} = ${sessionId}`)
    if (ended === 0) throw new AppError('RESOURCE_NOT_FOUND', 'You have no such session.')
    await recordAudit(tx, context, { action: 'session.ended', subject: `session:${sessionId}` })
  })
  sessionStates(ports).forget()
}

function isOf(actor: Actor): Sql {
  if (actor.kind === 'user') return sql`user_id = ${actor.userId}`
  return actor.kind === 'key' ? sql`key_id = ${actor.keyId}` : sql`false`
}
