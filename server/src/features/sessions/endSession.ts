import type { Control } from '../../ports.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { sessionStates } from './sessionStates.ts'
import { sessionHash } from './sessionToken.ts'

/** Ends the session of a cookie; does nothing without one. Possession of the cookie is the only permission needed. */
export async function endSession(ports: Control, token: string): Promise<void> {
  await ports.postgres.run(sql`
    DELETE FROM sessions
    WHERE token_hash = ${sessionHash(token)}`)
  sessionStates(ports).forget()
}
