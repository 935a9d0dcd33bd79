import type { Queryable } from '../../store/postgres/postgres.ts'
import { sql, sqlScript } from '../../store/postgres/postgres.ts'
import { MasterKeyError } from '../../store/secrets/masterKeys.ts'
import { keyIdOf, type Secrets } from '../../store/secrets/secrets.ts'
import { sealedColumns } from './sealedSecrets.ts'

/** Returns whether any account exists; before that nothing is encrypted. */
export async function hasAccounts(postgres: Queryable): Promise<boolean> {
  return (await postgres.first(sql`SELECT 1 FROM accounts LIMIT 1`)) !== undefined
}

/**
 * Decrypts one stored secret under each master key in use and returns the number of these keys. Throws MasterKeyError
 * when one fails, because anything encrypted under a wrong key would be lost with that key.
 */
export async function requireMasterKey(postgres: Queryable, secrets: Secrets): Promise<number> {
  const ids = new Set<string>()
  for (const { table, column, owner, purposeOf } of sealedColumns) {
    const rows = await postgres.query<{ owner: string; sealed: Buffer }>(sql`
      SELECT DISTINCT ON (substring(${sqlScript(column)} FROM 2 FOR 4))
        ${sqlScript(owner)}::text AS owner,
        ${sqlScript(column)} AS sealed
      FROM ${sqlScript(table)}
      WHERE ${sqlScript(column)} IS NOT NULL`)
    for (const row of rows) {
      try {
        secrets.open(row.sealed, purposeOf(row.owner))
        ids.add(keyIdOf(row.sealed))
      } catch (error) {
        throw new MasterKeyError(
          `The master key does not open the stored secrets, which need the key ${idOf(row.sealed)}; put the right master.key back from a backup, or set EARSHOT_MASTER_KEY to it.`,
          { cause: error },
        )
      }
    }
  }
  return ids.size
}

function idOf(sealed: Buffer): string {
  try {
    return keyIdOf(sealed)
  } catch {
    return '(damaged)'
  }
}
