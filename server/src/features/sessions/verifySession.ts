import type { Control } from '../../ports.ts'
import { AppError } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { sessionIdleMs, sessionStates, type SessionState } from './sessionStates.ts'

// Accuracy of the stored time of last use.
const noteEveryMs = 60_000

/** Returns the session of a cookie. Throws INVALID_API_KEY when it is not active. */
export async function verifySession(ports: Control, token: string): Promise<SessionState> {
  const state = await sessionStates(ports).byToken(token)
  if (!state || endOf(ports, state) <= ports.now()) {
    throw new AppError('INVALID_API_KEY', 'The session has ended; sign in again.')
  }
  noteUse(ports, state)
  return state
}

/** Returns when the session expires without further use. */
function endOf(ports: Control, { expiresAt, lastSeenAt }: SessionState): number {
  return Math.min(expiresAt.getTime(), lastSeenAt.getTime() + sessionIdleMs(ports))
}

/** Stores the time of use, at most once a minute, without delaying the request. */
function noteUse(ports: Control, state: SessionState): void {
  const now = new Date(ports.now())
  if (now.getTime() - state.lastSeenAt.getTime() < noteEveryMs) return
  state.lastSeenAt = now
  ports.postgres
    .run(
      sql`
        UPDATE sessions
        SET last_seen_at = greatest(last_seen_at, ${now})
        WHERE account_id = ${state.accountId}
          AND token_hash = ${state.hash}`,
    )
    .catch((error: unknown) => ports.log.warn({ err: error }, 'use of a session not stored'))
}
