import type { Control } from '../../ports.ts'
import { sql, type Queryable } from '../../store/postgres/postgres.ts'

/** Advisory lock for changes of the master keys: "mkey" in ASCII. */
const masterKeyLock = 0x6d6b6579

/**
 * Runs a function that rewrites the master keys of the data folder, while no other process does: concurrent rewriting
 * could lose a new key and everything that is encrypted under it.
 */
export async function changeMasterKeys<T>(
  { postgres }: Pick<Control, 'postgres'>,
  change: (tx: Queryable) => Promise<T>,
): Promise<T> {
  return postgres.transaction(async (tx) => {
    await tx.run(sql`SELECT pg_advisory_xact_lock(${masterKeyLock})`)
    return change(tx)
  })
}

/**
 * Prevents master keys from being dropped until the transaction ends. A transaction calls this before it encrypts a
 * secret that it writes, because no other process can see the key in use.
 */
export async function keepMasterKeys(tx: Queryable): Promise<void> {
  await tx.run(sql`SELECT pg_advisory_xact_lock_shared(${masterKeyLock})`)
}
