import type { Control } from '../../ports.ts'
import { networkOf } from '../../domain/network.ts'
import { AppError } from '../../errors.ts'
import { sql, type Queryable } from '../../store/postgres/postgres.ts'
import { systemControl } from '../accounts/controlContext.ts'
import { recordAudit } from '../accounts/recordAudit.ts'
import { verifyKey } from '../keys/verifyKey.ts'
import { passwordMatches } from '../users/password.ts'
import { refuseField } from '../users/user.ts'
import type { Actor } from '../../context.ts'
import { sessionLifetimeMs } from './sessionStates.ts'
import { newSessionToken, sessionHash } from './sessionToken.ts'
import { beginTry, endTry, forgetTry, type SignInTry } from './signInTries.ts'

/** Credentials: an API key, or an e-mail address and a password, with the account if they match several. */
export type Credentials = { apiKey: string } | { email: string; password: string; account?: string }

interface Subject {
  accountId: number
  userId: string | null
  keyId: string | null
  /** The user's password hash when the password was compared with it. */
  passwordHash: string | null
  /** The counted try. */
  signInTry: SignInTry | null
}

const maxUserAgentCharacters = 200
/** The most accounts in which a sign-in without an account looks for its e-mail address. */
const maxAccounts = 10

/**
 * Starts a session and returns the content of its cookie, which is always new, so that an attacker cannot preset a
 * session. Requires no authentication; throws INVALID_API_KEY for wrong credentials without saying which part is wrong,
 * and RATE_LIMIT_EXCEEDED after too many failures.
 */
export async function startSession(
  ports: Control,
  input: Credentials & { address: string; userAgent: string },
): Promise<string> {
  const subject = 'apiKey' in input ? await subjectOfKey(ports, input.apiKey) : await subjectOfPassword(ports, input)
  const token = newSessionToken()
  const now = new Date(ports.now())
  await ports.postgres.transaction(async (tx) => {
    await requireUnchanged(tx, subject)
    await tx.run(sql`
      DELETE FROM sessions
      WHERE account_id = ${subject.accountId}
        AND expires_at <= ${now}`)
    await tx.run(sql`
      INSERT INTO sessions (
        token_hash, account_id, user_id, key_id, user_agent, created_at, last_seen_at, expires_at
      )
      VALUES (
        ${sessionHash(token)},
        ${subject.accountId},
        ${subject.userId},
        ${subject.keyId},
        ${input.userAgent.slice(0, maxUserAgentCharacters)},
        ${now},
        ${now},
        ${new Date(now.getTime() + sessionLifetimeMs(ports))}
      )`)
    await tx.run(sql`
      UPDATE users
      SET last_sign_in_at = ${now}
      WHERE account_id = ${subject.accountId}
        AND id = ${subject.userId}`)
    if (subject.signInTry) await endTry(tx, subject.signInTry, now.getTime())
    const context = { ports, accountId: subject.accountId, actor: actorOf(subject) }
    const details = { address: input.address }
    await recordAudit(tx, context, { action: 'session.started', subject: 'session', details })
  })
  return token
}

/**
 * Locks the user until the session is stored, because changing the password or disabling the user ends only stored
 * sessions. Throws INVALID_API_KEY if either happened since the password was compared.
 */
async function requireUnchanged(tx: Queryable, { accountId, userId, passwordHash }: Subject): Promise<void> {
  if (userId === null) return
  const row = await tx.first(sql`
    SELECT 1
    FROM users
    WHERE account_id = ${accountId}
      AND id = ${userId}
      AND password_hash = ${passwordHash}
      AND disabled_at IS NULL
    FOR UPDATE`)
  if (!row) throw wrongPassword()
}

function wrongPassword(): AppError {
  return new AppError('INVALID_API_KEY', 'The e-mail address or the password is wrong.')
}

function actorOf({ userId, keyId }: Subject): Actor {
  if (userId !== null) return { kind: 'user', userId, scopes: [] }
  return keyId === null ? { kind: 'system' } : { kind: 'key', keyId, scopes: [] }
}

async function subjectOfKey(ports: Control, apiKey: string): Promise<Subject> {
  const { accountId, keyId } = await verifyKey(ports, { apiKey })
  return { accountId, keyId, userId: null, passwordHash: null, signInTry: null }
}

interface Fitting {
  id: string
  account_id: number
  password_hash: string
}

async function subjectOfPassword(
  ports: Control,
  input: { email: string; password: string; account?: string; address: string },
): Promise<Subject> {
  const signInTry = await beginTry(ports, { email: input.email, network: networkOf(input.address) })
  const rows = await usersOf(ports, input)
  const comparisons = input.account === undefined ? await mostAccountsOfOne(ports) : 1
  const given = { password: input.password, signInTry }
  const fitting = await fittingOf(rows, comparisons, given).catch(async (error: unknown) => {
    await forgetTry(ports, signInTry)
    throw error
  })
  const [row] = fitting
  if (!row) {
    await auditRefusal(ports, rows, input.address)
    throw wrongPassword()
  }
  if (fitting.length > 1) refuseField('account', 'must name the account, because these fit several')
  return { accountId: row.account_id, userId: row.id, keyId: null, passwordHash: row.password_hash, signInTry }
}

async function usersOf(ports: Control, input: { email: string; account?: string }): Promise<Fitting[]> {
  return ports.postgres.query<Fitting>(sql`
    SELECT users.id, users.account_id, users.password_hash
    FROM users
    JOIN accounts ON accounts.id = users.account_id
    WHERE lower(users.email) = lower(${input.email})
      AND users.disabled_at IS NULL
      AND accounts.disabled_at IS NULL
      AND (${input.account ?? null}::text IS NULL OR accounts.name = ${input.account ?? null})
    ORDER BY users.account_id
    LIMIT ${maxAccounts}`)
}

/**
 * Finds the users with this password. Every try without an account costs as many comparisons as the e-mail address with
 * the most accounts needs, and one with an account costs one: the time tells nobody which addresses have users, nor how
 * many.
 */
async function fittingOf(
  rows: Fitting[],
  comparisons: number,
  { password, signInTry }: { password: string; signInTry: SignInTry },
): Promise<Fitting[]> {
  const { isAtKnownPlace: isKnown, emailHash, network } = signInTry
  const requester = { by: isKnown ? emailHash.toString('latin1') : network, isKnown }
  const fitting: Fitting[] = []
  for (const row of rows) if (await passwordMatches(password, row.password_hash, requester)) fitting.push(row)
  for (let done = rows.length; done < comparisons; done++) await passwordMatches(password, undefined, requester)
  return fitting
}

/** The most accounts that any one e-mail address has users in, at least one and at most `maxAccounts`. */
async function mostAccountsOfOne(ports: Control): Promise<number> {
  const row = await ports.postgres.first<{ most: number }>(sql`
    SELECT least(coalesce(max(accounts), 1), ${maxAccounts})::int AS most
    FROM (
      SELECT count(*) AS accounts
      FROM users
      GROUP BY lower(email)
    ) AS addresses`)
  return row?.most ?? 1
}

/** Records the failed sign-in in the audit logs of the accounts that have a user with this address. */
async function auditRefusal(ports: Control, rows: Fitting[], address: string): Promise<void> {
  await ports.postgres.transaction(async (tx) => {
    for (const { id, account_id } of rows) {
      const event = { action: 'session.refused', subject: `user:${id}`, details: { address } }
      await recordAudit(tx, systemControl(ports, account_id), event)
    }
  })
}
