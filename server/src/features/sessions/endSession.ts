import type { Control } from '../../control.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { sessionStates } from './sessionStates.ts'
import { sessionHash } from './sessionToken.ts'

/** Ends the session of a cookie's content; nothing happens when there is none. Whoever has the cookie may. */
export async function endSession(app: Control, token: string): Promise<void> {
  await app.postgres.run(sql`
    DELETE FROM sessions
    WHERE token_hash = ${sessionHash(token)}`)
  sessionStates(app).forget()
}
