import type { Control } from '../../control.ts'
import { networkOf } from '../../domain/network.ts'
import { AppError } from '../../errors.ts'
import { sql, type Queryable } from '../../store/postgres/postgres.ts'
import { systemControl } from '../accounts/control.ts'
import { recordAudit } from '../accounts/recordAudit.ts'
import { verifyKey } from '../keys/verifyKey.ts'
import { passwordMatches } from '../users/password.ts'
import { refuseField } from '../users/user.ts'
import type { Actor } from '../../context.ts'
import { sessionLifetimeMs } from './sessionStates.ts'
import { newSessionToken, sessionHash } from './sessionToken.ts'
import { beginTry, endTry, forgetTry, type SignInTry } from './signInTries.ts'

/** What somebody signs in with: an API key, or an e-mail address and a password, with the account where both fit several. */
export type Credentials = { apiKey: string } | { email: string; password: string; account?: string }

interface Subject {
  accountId: number
  userId: string | null
  keyId: string | null
  /** Of the user, as it was when the password was compared with it. */
  passwordHash: string | null
  /** What the password was tried as. */
  signInTry: SignInTry | null
}

const maxUserAgentCharacters = 200

/**
 * Begins a session and gives what its cookie is to hold, which is new each time, so that nobody can bring a session
 * along. Open to everybody; throws INVALID_API_KEY for what is wrong, without saying which part, and RATE_LIMIT_EXCEEDED
 * when too much was wrong before.
 */
export async function startSession(
  app: Control,
  input: Credentials & { address: string; userAgent: string },
): Promise<string> {
  const subject = 'apiKey' in input ? await subjectOfKey(app, input.apiKey) : await subjectOfPassword(app, input)
  const token = newSessionToken()
  const now = new Date(app.now())
  await app.postgres.transaction(async (tx) => {
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
        ${new Date(now.getTime() + sessionLifetimeMs(app))}
      )`)
    await tx.run(sql`
      UPDATE users
      SET last_sign_in_at = ${now}
      WHERE account_id = ${subject.accountId}
        AND id = ${subject.userId}`)
    if (subject.signInTry) await endTry(tx, subject.signInTry, now.getTime())
    const context = { app, accountId: subject.accountId, actor: actorOf(subject) }
    const details = { address: input.address }
    await recordAudit(tx, context, { action: 'session.started', subject: 'session', details })
  })
  return token
}

/**
 * Keeps the user as they are until the session stands: who changes the password or disables them ends every session that
 * stands then. Throws INVALID_API_KEY when that was done since the password was compared.
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

async function subjectOfKey(app: Control, apiKey: string): Promise<Subject> {
  const { accountId, keyId } = await verifyKey(app, { apiKey })
  return { accountId, keyId, userId: null, passwordHash: null, signInTry: null }
}

interface Fitting {
  id: string
  account_id: number
  password_hash: string
}

async function subjectOfPassword(
  app: Control,
  input: { email: string; password: string; account?: string; address: string },
): Promise<Subject> {
  const signInTry = await beginTry(app, { email: input.email, network: networkOf(input.address) })
  const rows = await usersOf(app, input)
  const fitting = await fittingOf(rows, input.password, signInTry).catch(async (error: unknown) => {
    await forgetTry(app, signInTry)
    throw error
  })
  const [row] = fitting
  if (!row) {
    await auditRefusal(app, rows, input.address)
    throw wrongPassword()
  }
  if (fitting.length > 1) refuseField('account', 'must name the account, because these fit several')
  return { accountId: row.account_id, userId: row.id, keyId: null, passwordHash: row.password_hash, signInTry }
}

async function usersOf(app: Control, input: { email: string; account?: string }): Promise<Fitting[]> {
  return app.postgres.query<Fitting>(sql`
    SELECT users.id, users.account_id, users.password_hash
    FROM users
    JOIN accounts ON accounts.id = users.account_id
    WHERE lower(users.email) = lower(${input.email})
      AND users.disabled_at IS NULL
      AND accounts.disabled_at IS NULL
      AND (${input.account ?? null}::text IS NULL OR accounts.name = ${input.account ?? null})
    ORDER BY users.account_id
    LIMIT 10`)
}

/** The users whose password this is; with nobody to compare it takes as long. */
async function fittingOf(rows: Fitting[], password: string, signInTry: SignInTry): Promise<Fitting[]> {
  const { isAtKnownPlace: isKnown, emailHash, network } = signInTry
  const turn = { by: isKnown ? emailHash.toString('latin1') : network, isKnown }
  const fitting: Fitting[] = []
  for (const row of rows) if (await passwordMatches(password, row.password_hash, turn)) fitting.push(row)
  if (rows.length === 0) await passwordMatches(password, undefined, turn)
  return fitting
}

/** Tells the accounts whose users somebody tried to be. */
async function auditRefusal(app: Control, rows: Fitting[], address: string): Promise<void> {
  await app.postgres.transaction(async (tx) => {
    for (const { id, account_id } of rows) {
      const event = { action: 'session.refused', subject: `user:${id}`, details: { address } }
      await recordAudit(tx, systemControl(app, account_id), event)
    }
  })
}
