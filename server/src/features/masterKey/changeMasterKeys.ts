import type { Control } from '../../ports.ts'
import { sql, type Queryable } from '../../store/postgres/postgres.ts'

/** Serialises who changes the master keys: "mkey" in ASCII. */
const masterKeyLock = 0x6d6b6579

/**
 * Does what reads the master keys of the data folder and writes others in their place while no other process does: it
 * would put back what it had read, and the key that was made in between, with all that is under it, would be lost.
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
 * Until the transaction ends no master key is dropped. To be called before a secret is sealed that the transaction writes:
 * nobody else sees under which key it is.
 */
export async function keepMasterKeys(tx: Queryable): Promise<void> {
  await tx.run(sql`SELECT pg_advisory_xact_lock_shared(${masterKeyLock})`)
}
