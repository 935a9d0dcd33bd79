import { sql, sqlScript, type Queryable } from '../../store/postgres/postgres.ts'
import { hmacPurpose, jwtPurpose } from '../keys/keyMaterial.ts'
import { webhookPurpose } from '../webhooks/secret.ts'

/** A column of the control database that holds encrypted secrets. */
export interface SealedColumn {
  table: string
  column: string
  /** The column that identifies the owner; with the table it forms the encryption purpose. */
  owner: string
  purposeOf: (owner: string) => string
}

/** All such columns. */
export const sealedColumns: readonly SealedColumn[] = [
  { table: 'accounts', column: 'jwt_secret', owner: 'account_uuid', purposeOf: jwtPurpose },
  { table: 'api_keys', column: 'hmac_secret', owner: 'id', purposeOf: hmacPurpose },
  { table: 'webhook_endpoints', column: 'secret', owner: 'id', purposeOf: webhookPurpose },
  { table: 'webhook_endpoints', column: 'previous_secret', owner: 'id', purposeOf: webhookPurpose },
]

const atOnce = 500

/** Reads every secret of a column, by owner. */
export async function* sealedSecrets(
  on: Queryable,
  { table, column, owner }: SealedColumn,
): AsyncGenerator<{ owner: string; sealed: Buffer }> {
  for (let after = ''; ;) {
    const rows = await on.query<{ owner: string; sealed: Buffer }>(sql`
      SELECT ${sqlScript(owner)}::text AS owner, ${sqlScript(column)} AS sealed
      FROM ${sqlScript(table)}
      WHERE ${sqlScript(column)} IS NOT NULL
        AND ${sqlScript(owner)}::text COLLATE "C" > ${after}
      ORDER BY ${sqlScript(owner)}::text COLLATE "C"
      LIMIT ${atOnce}`)
    yield* rows
    if (rows.length < atOnce) return
    after = rows.at(-1)?.owner ?? after
  }
}

/** Replaces a secret with its re-encrypted form, unless it was changed meanwhile. */
export async function replaceSealed(
  on: Queryable,
  { table, column, owner }: SealedColumn,
  change: { owner: string; from: Buffer; to: Buffer },
): Promise<void> {
  await on.run(sql`
    UPDATE ${sqlScript(table)}
    SET ${sqlScript(column)} = ${change.to}
    WHERE ${sqlScript(owner)}::text = ${change.owner}
      AND ${sqlScript(column)} = ${change.from}`)
}
