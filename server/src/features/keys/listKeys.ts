import { sql } from '../../store/postgres/postgres.ts'
import { keyFrom, type Key, type KeyRow } from './key.ts'
import { type ControlContext, requireControlScope } from '../accounts/controlContext.ts'

/** Lists the account's keys in order of creation, including revoked and expired ones. */
export async function listKeys(context: ControlContext): Promise<Key[]> {
  requireControlScope(context, 'admin')
  const rows = await context.ports.postgres.query<KeyRow>(sql`
    SELECT id, name, prefix, scopes, expires_at, revoked_at, replaced_by, last_used_at, created_at
    FROM api_keys
    WHERE account_id = ${context.accountId}
    ORDER BY created_at, id`)
  return rows.map(keyFrom)
}
