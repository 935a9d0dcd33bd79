import type { Control } from '../../control.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { accountFrom, type Account, type AccountRow } from './account.ts'

/** Every account, by name; the program's own verb, not open to keys. */
export async function listAccounts(app: Control): Promise<Account[]> {
  const rows = await app.postgres.query<AccountRow>(sql`
    SELECT *
    FROM accounts
    ORDER BY name`)
  return rows.map(accountFrom)
}
