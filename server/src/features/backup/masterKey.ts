import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config.ts'
import { AppError } from '../../errors.ts'

type KeyConfig = Pick<Config, 'masterKey' | 'dataDirectory'>

/** Returns the current master key: the first configured one, or the first one in the data folder. */
export function masterKeyOf(config: KeyConfig): Buffer {
  return Buffer.from(textOf(config).slice(0, 64), 'hex')
}

/**
 * Returns a check that the master keys are unchanged, because a backup that mixes two keys could not be read. The check
 * throws CONFLICT.
 */
export function watchMasterKeys(config: KeyConfig): () => void {
  const before = textOf(config)
  return () => {
    if (textOf(config) === before) return
    throw new AppError('CONFLICT', 'The master keys were changed while the backup was made; make it again.')
  }
}

function textOf(config: KeyConfig): string {
  return config.masterKey || readFileSync(join(config.dataDirectory, 'master.key'), 'utf8').trim()
}
