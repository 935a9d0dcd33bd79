import { counted } from '../../domain/amounts.ts'
import type { Control } from '../../ports.ts'
import { AppError } from '../../errors.ts'
import type { Files } from '../../store/files/files.ts'
import { followMasterKeys, replaceMasterKeys } from '../../store/secrets/masterKeys.ts'
import { masterKeyId } from '../../store/secrets/secrets.ts'
import { changeMasterKeys } from './changeMasterKeys.ts'
import { masterKeyUse } from './masterKeyUse.ts'

/**
 * Deletes older master keys of the data folder when nothing is encrypted under them; returns their ids. Earlier backups
 * contain their own keys. Throws CONFLICT while one is in use. Internal; not available to API keys.
 */
export async function dropOldMasterKeys(control: Control, files: Files): Promise<string[]> {
  const { config } = control
  if (config.masterKey !== '') {
    throw new AppError(
      'BAD_REQUEST',
      'The master keys come from EARSHOT_MASTER_KEY; take the older ones out of it when "earshot master-key show" finds nothing under them.',
    )
  }
  return changeMasterKeys(control, async (tx) => {
    const inUse = (await masterKeyUse(control, files, tx)).find(
      (use) => use.isKnown && !use.isCurrent && use.secrets + use.files > 0,
    )
    if (inUse) {
      throw new AppError(
        'CONFLICT',
        `The master key ${inUse.id} still has ${counted(inUse.secrets, 'secret')} and ${counted(inUse.files, 'file')} under it; run "earshot master-key rotate" first.`,
      )
    }
    const [current, ...older] = followMasterKeys(config)()
    if (!current || older.length === 0) return []
    replaceMasterKeys(config.dataDirectory, [current])
    return older.map(masterKeyId)
  })
}
