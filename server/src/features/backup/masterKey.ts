import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config.ts'

/** The master key in use: the configured one, or the one that is kept in the data folder. */
export function masterKeyOf(config: Pick<Config, 'masterKey' | 'dataDirectory'>): Buffer {
  const text = config.masterKey || readFileSync(join(config.dataDirectory, 'master.key'), 'utf8').trim()
  return Buffer.from(text, 'hex')
}
