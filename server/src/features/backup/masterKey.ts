import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config.ts'
import { AppError } from '../../errors.ts'

type KeyConfig = Pick<Config, 'masterKey' | 'dataDirectory'>

/** The master key in use: the first configured one, or the first that is kept in the data folder. */
export function masterKeyOf(config: KeyConfig): Buffer {
  return Buffer.from(textOf(config).slice(0, 64), 'hex')
}

/**
 * Gives a check that the master keys are still what they were: a backup that was begun under one key and holds the next
 * one could not be read. Throws CONFLICT.
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
