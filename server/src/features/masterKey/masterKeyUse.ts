import type { Control } from '../../ports.ts'
import type { Files } from '../../store/files/files.ts'
import { followMasterKeys } from '../../store/secrets/masterKeys.ts'
import type { Queryable } from '../../store/postgres/postgres.ts'
import { keyIdOf, masterKeyId } from '../../store/secrets/secrets.ts'
import { sealedColumns, sealedSecrets } from './sealedSecrets.ts'

/** A master key and the number of secrets and files under it. */
export interface MasterKeyUse {
  id: string
  isCurrent: boolean
  /** Whether the key itself is available: configured, or in the data folder. */
  isKnown: boolean
  secrets: number
  files: number
}

/** Lists every known or used master key, the current one first. */
export async function masterKeyUse(
  { config, postgres }: Pick<Control, 'config' | 'postgres'>,
  files: Files,
  on: Queryable = postgres,
): Promise<MasterKeyUse[]> {
  const uses = new Map<string, MasterKeyUse>()
  for (const [index, key] of followMasterKeys(config)().entries()) {
    const id = masterKeyId(key)
    if (!uses.has(id)) uses.set(id, { id, isCurrent: index === 0, isKnown: true, secrets: 0, files: 0 })
  }
  const useOf = (id: string): MasterKeyUse => {
    const use = uses.get(id) ?? { id, isCurrent: false, isKnown: false, secrets: 0, files: 0 }
    uses.set(id, use)
    return use
  }
  for (const column of sealedColumns) {
    for await (const { sealed } of sealedSecrets(on, column)) useOf(keyIdOf(sealed)).secrets++
  }
  for await (const key of files.list('')) {
    const id = await files.masterKeyIdOf(key)
    if (id !== undefined) useOf(id).files++
  }
  return [...uses.values()]
}
