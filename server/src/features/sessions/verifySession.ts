import type { Control } from '../../control.ts'
import { AppError } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { sessionIdleMs, sessionStates, type SessionState } from './sessionStates.ts'

// How exactly it is known when a session was last used.
const noteEveryMs = 60_000

/** The session that a cookie's content stands for. Throws INVALID_API_KEY when there is none that is in force. */
export async function verifySession(app: Control, token: string): Promise<SessionState> {
  const state = await sessionStates(app).byToken(token)
  if (!state || endOf(app, state) <= app.now()) {
    throw new AppError('INVALID_API_KEY', 'The session has ended; sign in again.')
  }
  noteUse(app, state)
  return state
}

/** When the session ends unless it is used before. */
function endOf(app: Control, { expiresAt, lastSeenAt }: SessionState): number {
  return Math.min(expiresAt.getTime(), lastSeenAt.getTime() + sessionIdleMs(app))
}

/** Writes down that the session was used, at most once a minute, without holding the request up. */
function noteUse(app: Control, state: SessionState): void {
  const now = new Date(app.now())
  if (now.getTime() - state.lastSeenAt.getTime() < noteEveryMs) return
  state.lastSeenAt = now
  app.postgres
    .run(
      sql`
        UPDATE sessions
        SET last_seen_at = greatest(last_seen_at, ${now})
        WHERE account_id = ${state.accountId}
          AND token_hash = ${state.hash}`,
    )
    .catch((error: unknown) => app.log.warn({ err: error }, 'use of a session not noted'))
}
