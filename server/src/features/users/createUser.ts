import { randomUUID } from 'node:crypto'
import { scopesOfRole } from '../../domain/roles.ts'
import { AppError } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { requireControlScope, type ControlContext } from '../accounts/controlContext.ts'
import { recordAudit } from '../accounts/recordAudit.ts'
import { checkMayGrant } from '../keys/key.ts'
import { hashPassword } from './password.ts'
import { checkPassword } from './passwordRules.ts'
import { checkEmail, checkRole, checkUserName, userFrom, type User, type UserRow } from './user.ts'

/**
 * Creates a user in the caller's account with at most the caller's permissions; with `mustChangePassword` the user has
 * none until they choose a password. Throws CONFLICT when the e-mail address is in use.
 */
export async function createUser(
  context: ControlContext,
  input: { email: string; name?: string; role: string; password: string; mustChangePassword?: boolean },
): Promise<User> {
  requireControlScope(context, 'admin')
  const role = checkRole(input.role)
  checkMayGrant(context.actor, scopesOfRole[role])
  checkEmail(input.email)
  const name = input.name ?? input.email
  checkUserName(name)
  checkPassword(input.password, { email: input.email, name })
  const passwordHash = await hashPassword(input.password)
  return context.ports.postgres.transaction(async (tx) => {
    const row = await tx.first<UserRow>(sql`
      INSERT INTO users (id, account_id, email, name, password_hash, must_change_password, role, created_at)
      VALUES (
        ${randomUUID()},
        ${context.accountId},
        ${input.email},
        ${name},
        ${passwordHash},
        ${input.mustChangePassword ?? false},
        ${role},
        ${new Date(context.ports.now())}
      )
      ON CONFLICT (account_id, lower(email)) DO NOTHING
      RETURNING *`)
    if (!row) throw new AppError('CONFLICT', 'The account has a user with this e-mail address already.')
    await recordAudit(tx, context, { action: 'user.created', subject: `user:${row.id}`, details: { role } })
    return userFrom(row)
  })
}
