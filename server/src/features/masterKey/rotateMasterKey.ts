import { randomBytes } from 'node:crypto'
import type { Control } from '../../ports.ts'
import { AppError } from '../../errors.ts'
import type { Files } from '../../store/files/files.ts'
import { followMasterKeys, replaceMasterKeys } from '../../store/secrets/masterKeys.ts'
import { masterKeyId } from '../../store/secrets/secrets.ts'
import { changeMasterKeys } from './changeMasterKeys.ts'
import { masterKeyUse } from './masterKeyUse.ts'
import { rewrapAll, type Rewrapped } from './rewrapAll.ts'

/**
 * Re-encrypts everything under a new master key; older ones stay readable until they are dropped. For keys in the data
 * folder it creates a key, unless an earlier rotation is unfinished and continues. For configured keys the operator has
 * put the new one first. Internal; not available to API keys.
 */
export async function rotateMasterKey(
  control: Control,
  files: Files,
  onProgress?: (progress: Rewrapped) => void,
): Promise<Rewrapped & { masterKeyId: string }> {
  const { config } = control
  if (config.masterKey === '') await makeMasterKey(control, files)
  else if (followMasterKeys(config)().length === 1) {
    throw new AppError(
      'BAD_REQUEST',
      'EARSHOT_MASTER_KEY names one key. First give every process the new key behind it (old,new), then in front (new,old), then rotate.',
    )
  }
  const done = await rewrapAll(control, files, onProgress)
  const [current] = followMasterKeys(config)()
  return { ...done, masterKeyId: current ? masterKeyId(current) : '' }
}

/** Puts a new key before those of the data folder, unless an earlier rotation is unfinished. */
async function makeMasterKey(control: Control, files: Files): Promise<void> {
  const { config } = control
  await changeMasterKeys(control, async (tx) => {
    const uses = await masterKeyUse(control, files, tx)
    const isThrough = uses.every((use) => use.isCurrent || !use.isKnown || use.secrets + use.files === 0)
    if (isThrough) replaceMasterKeys(config.dataDirectory, [randomBytes(32), ...followMasterKeys(config)()])
  })
}
