import { resolve } from 'node:path'
import type { Config } from '../config.ts'
import { hasEmbeddedDatabase } from '../control.ts'
import { settings } from '../settings.ts'
import { CommandError } from './failure.ts'

/**
 * Refuses a data folder that does not exist, because a command that reads stored data must not create an empty folder.
 * Only `serve`, `demo` and `restore` create one, and `keys create` if a setting names the folder.
 */
export function requireFolder(config: Config, { madeIfNamed = false } = {}): void {
  if (config.databaseUrl !== '' || hasEmbeddedDatabase(config)) return
  const isNamed = config.dataDirectory !== resolve(settings.dataDirectory.default)
  if (isNamed && madeIfNamed) return
  throw new CommandError(
    `There is no data folder of Earshot at ${config.dataDirectory}; set EARSHOT_DATA_DIR to the one that is meant, or make one with "earshot serve".`,
  )
}
