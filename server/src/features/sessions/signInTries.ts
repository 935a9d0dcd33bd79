import { hash } from 'node:crypto'
import type { Control } from '../../ports.ts'
import { AppError } from '../../errors.ts'
import { sql, type Queryable } from '../../store/postgres/postgres.ts'

// Mistyping does not reach these limits; an attacker has forty tries an hour per e-mail address, from any network.
const countedMs = 15 * 60_000
const maxOfEmail = 10
const maxOfNetwork = 100
const placeLifetimeMs = 90 * 86_400_000

/** A sign-in whose password is being checked. */
export interface SignInTry {
  id: string
  emailHash: Buffer
  network: string
  /** Whether the user of this e-mail address has signed in from this network before. */
  isAtKnownPlace: boolean
}

interface Counted {
  is_known: boolean
  of_email: number
  of_email_here: number
  of_network: number
  oldest_of_email: Date | null
  oldest_of_network: Date | null
}

/**
 * Counts a try as failed until it succeeds, before the expensive password check. Throws RATE_LIMIT_EXCEEDED after too
 * many. On a network from which the user has signed in before, only failures on that network count, so that others
 * cannot lock the user out; on other networks all failures count. Unknown addresses are counted in the same way.
 */
export async function beginTry(ports: Control, input: { email: string; network: string }): Promise<SignInTry> {
  const emailHash = hash('sha256', input.email.toLowerCase(), 'buffer')
  const { network } = input
  return ports.postgres.transaction(async (tx) => {
    // Concurrent tries are counted one after the other.
    await tx.run(sql`SELECT pg_advisory_xact_lock(hashtextextended('sign-in tries', 0))`)
    const counted = await countTries(tx, { emailHash, network, now: ports.now() })
    refuseTooMany(counted, ports.now())
    const row = await tx.first<{ id: string }>(sql`
      INSERT INTO sign_in_tries (email_hash, network, at)
      VALUES (${emailHash}, ${network}, ${new Date(ports.now())})
      RETURNING id::text`)
    return { id: row?.id ?? '', emailHash, network, isAtKnownPlace: counted.is_known }
  })
}

async function countTries(
  tx: Queryable,
  { emailHash, network, now }: { emailHash: Buffer; network: string; now: number },
): Promise<Counted> {
  // Entries in the future, after the clock was set back, are deleted too.
  await tx.run(sql`
    DELETE FROM sign_in_tries
    WHERE at <= ${new Date(now - countedMs)}
      OR at > ${new Date(now + countedMs)}`)
  const counted = await tx.first<Counted>(sql`
    SELECT
      EXISTS (
        SELECT
        FROM sign_in_places
        WHERE email_hash = ${emailHash}
          AND network = ${network}
          AND last_at > ${new Date(now - placeLifetimeMs)}
      ) AS is_known,
      count(*) FILTER (WHERE email_hash = ${emailHash}) AS of_email,
      count(*) FILTER (WHERE email_hash = ${emailHash} AND network = ${network}) AS of_email_here,
      count(*) FILTER (WHERE network = ${network}) AS of_network,
      min(at) FILTER (WHERE email_hash = ${emailHash}) AS oldest_of_email,
      min(at) FILTER (WHERE network = ${network}) AS oldest_of_network
    FROM sign_in_tries
    WHERE email_hash = ${emailHash}
      OR network = ${network}`)
  if (!counted) throw new Error('Counting gave no row.')
  return counted
}

function refuseTooMany(counted: Counted, now: number): void {
  const ofEmail = counted.is_known ? counted.of_email_here : counted.of_email
  const isOfNetwork = !counted.is_known && counted.of_network >= maxOfNetwork
  if (ofEmail < maxOfEmail && !isOfNetwork) return
  const oldest = (ofEmail < maxOfEmail ? counted.oldest_of_network : counted.oldest_of_email)?.getTime() ?? now
  throw new AppError('RATE_LIMIT_EXCEEDED', 'Too many sign-ins failed; try again later, or sign in with an API key.', {
    retryAfterSeconds: Math.max(1, Math.ceil((oldest + countedMs - now) / 1000)),
  })
}

/** Removes a try whose password was not checked from the count. */
export async function forgetTry(ports: Control, { id }: SignInTry): Promise<void> {
  await ports.postgres.run(sql`
    DELETE FROM sign_in_tries
    WHERE id = ${id}`)
}

/** Records in the session's transaction that a try succeeded; earlier failures there no longer count. */
export async function endTry(tx: Queryable, { emailHash, network }: SignInTry, nowMs: number): Promise<void> {
  await tx.run(sql`
    DELETE FROM sign_in_tries
    WHERE email_hash = ${emailHash}
      AND network = ${network}`)
  await tx.run(sql`
    DELETE FROM sign_in_places
    WHERE email_hash = ${emailHash}
      AND last_at <= ${new Date(nowMs - placeLifetimeMs)}`)
  await tx.run(sql`
    INSERT INTO sign_in_places (email_hash, network, last_at)
    VALUES (${emailHash}, ${network}, ${new Date(nowMs)})
    ON CONFLICT (email_hash, network) DO UPDATE SET last_at = EXCLUDED.last_at`)
}
