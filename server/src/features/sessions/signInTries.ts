import { hash } from 'node:crypto'
import type { Control } from '../../ports.ts'
import { AppError } from '../../errors.ts'
import { sql, type Queryable } from '../../store/postgres/postgres.ts'

// A person who mistypes does not meet these; who guesses gets forty tries an hour at an e-mail address, from anywhere.
const countedMs = 15 * 60_000
const maxOfEmail = 10
const maxOfNetwork = 100
const placeLifetimeMs = 90 * 86_400_000

/** A sign-in with a password that is being checked. */
export interface SignInTry {
  id: string
  emailHash: Buffer
  network: string
  /** Whether the user of this e-mail address signed in from this network before. */
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
 * Counts a try as failed until it is told to have succeeded, before its password costs anything. Throws
 * RATE_LIMIT_EXCEEDED after too many: where the user signed in before, only what failed there counts, so that nobody
 * shuts them out from elsewhere; whoever comes from a new place stands with all that failed. An address that nobody has is
 * counted as any other.
 */
export async function beginTry(ports: Control, input: { email: string; network: string }): Promise<SignInTry> {
  const emailHash = hash('sha256', input.email.toLowerCase(), 'buffer')
  const { network } = input
  return ports.postgres.transaction(async (tx) => {
    // Tries that come at the same moment are counted one after the other.
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
  // Those of a clock that went back are forgotten, too.
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

/** A try whose password was never looked at counts for nothing. */
export async function forgetTry(ports: Control, { id }: SignInTry): Promise<void> {
  await ports.postgres.run(sql`
    DELETE FROM sign_in_tries
    WHERE id = ${id}`)
}

/** Notes in the transaction of the session that a try succeeded: what failed there before is forgiven. */
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
