import { loadConfig } from '../../src/config.ts'
import { openControl } from '../../src/control.ts'
import { issueKey } from '../../src/features/keys/issueKey.ts'
import { openLog } from '../../src/log.ts'
import { freePort } from '../freePorts.ts'

/** The settings of a server that is killed and started again, at the same address. */
export async function settingsOf(dataDirectory: string): Promise<Record<string, string>> {
  return {
    EARSHOT_PORT: String(await freePort()),
    EARSHOT_DATA_DIR: dataDirectory,
    EARSHOT_LOG_LEVEL: 'silent',
    EARSHOT_RATE_LIMIT: '0',
    EARSHOT_MIN_FREE_BYTES: '0',
  }
}

/** The API key of the folder's first account, made before any server runs. */
export async function makeKey(environment: Record<string, string>): Promise<string> {
  const config = loadConfig(environment)
  const control = await openControl(config, openLog(config))
  const { apiKey } = await issueKey(control, { account: 'killed', scopes: ['*'] })
  await control.close()
  return apiKey
}
