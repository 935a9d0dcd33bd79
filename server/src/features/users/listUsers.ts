import { sql } from '../../store/postgres/postgres.ts'
import { requireControlScope, type ControlContext } from '../accounts/controlContext.ts'
import { userFrom, type User, type UserRow } from './user.ts'

/** Lists the account's users by e-mail address, including disabled ones. */
export async function listUsers(context: ControlContext): Promise<User[]> {
  requireControlScope(context, 'admin')
  const rows = await context.ports.postgres.query<UserRow>(sql`
    SELECT id, email, name, role, disabled_at, last_sign_in_at, created_at
    FROM users
    WHERE account_id = ${context.accountId}
    ORDER BY lower(email)`)
  return rows.map(userFrom)
}
