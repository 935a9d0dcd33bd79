import { AppError } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { accountFrom, type Account, type AccountRow } from './account.ts'
import { type ControlContext, requireControlScope } from './controlContext.ts'

/** Returns the caller's account, for its managers. */
export async function showAccount(context: ControlContext): Promise<Account> {
  requireControlScope(context, 'admin')
  const row = await context.ports.postgres.first<AccountRow>(sql`
    SELECT *
    FROM accounts
    WHERE id = ${context.accountId}`)
  if (!row) throw new AppError('RESOURCE_NOT_FOUND', 'There is no such account.')
  return accountFrom(row)
}
