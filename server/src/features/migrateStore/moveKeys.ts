import { counted } from '../../domain/amounts.ts'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config.ts'
import { AppError } from '../../errors.ts'
import { followMasterKeys, replaceMasterKeys } from '../../store/secrets/masterKeys.ts'
import { masterKeyId, type Secrets } from '../../store/secrets/secrets.ts'
import { masterKeyUse } from '../masterKey/masterKeyUse.ts'
import { sealedColumns, sealedSecrets } from '../masterKey/sealedSecrets.ts'
import type { MoveSource } from './storeMove.ts'

/** The master keys that both sides are read and written with. */
export interface MoveKeys {
  /** As EARSHOT_MASTER_KEY takes them. */
  text: string
  /** The id of the one that is written with. */
  id: string
  /** Where the target has them. */
  place: string
  /** Puts them into the target's data folder, when it has none and no setting gives them. */
  carryOver(): void
}

/** The target's master keys: those of its settings or its folder, else those of the folder that is moved. */
export function readMoveKeys(config: Pick<Config, 'masterKey' | 'dataDirectory'>, folder: string): MoveKeys {
  const isHeld = config.masterKey !== '' || hasKeyFile(config.dataDirectory)
  if (!isHeld && !hasKeyFile(folder)) {
    throw new AppError(
      'BAD_REQUEST',
      `The folder ${folder} holds no master key, as it came from the environment; set EARSHOT_MASTER_KEY to it.`,
    )
  }
  const keys = followMasterKeys(isHeld ? config : { masterKey: '', dataDirectory: folder })()
  const [current] = keys
  return {
    text: keys.map((key) => key.toString('hex')).join(','),
    id: current ? masterKeyId(current) : '',
    place: config.masterKey === '' ? join(config.dataDirectory, 'master.key') : 'EARSHOT_MASTER_KEY',
    carryOver: () => {
      if (!isHeld) replaceMasterKeys(config.dataDirectory, keys)
    },
  }
}

function hasKeyFile(dataDirectory: string): boolean {
  return existsSync(join(dataDirectory, 'master.key'))
}

/** Makes sure that the keys open everything that the folder keeps. Throws CONFLICT, which names the missing key. */
export async function requireKeys(
  { config, postgres, files }: MoveSource,
  { secrets, targetDirectory }: { secrets: Secrets; targetDirectory: string },
): Promise<void> {
  const uses = await masterKeyUse({ config, postgres }, files)
  const missing = uses.find((use) => !use.isKnown && use.secrets + use.files > 0)
  if (missing) {
    throw new AppError(
      'CONFLICT',
      `The folder keeps ${counted(missing.secrets, 'secret')} and ${counted(missing.files, 'file')} under the master key ${missing.id}, which the target does not have; set EARSHOT_MASTER_KEY to what ${join(config.dataDirectory, 'master.key')} holds, or copy that file to ${join(targetDirectory, 'master.key')}.`,
    )
  }
  for (const column of sealedColumns) {
    for await (const { owner, sealed } of sealedSecrets(postgres, column)) {
      secrets.open(sealed, column.purposeOf(owner))
      break
    }
  }
}
