import type { Control } from '../../ports.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { accountFrom, type Account, type AccountRow } from './account.ts'

/** Lists every account by name. Internal; not available to API keys. */
export async function listAccounts(ports: Control): Promise<Account[]> {
  const rows = await ports.postgres.query<AccountRow>(sql`
    SELECT *
    FROM accounts
    ORDER BY name`)
  return rows.map(accountFrom)
}
