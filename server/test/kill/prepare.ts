import { createServer, type AddressInfo } from 'node:net'
import { loadConfig } from '../../src/config.ts'
import { openControl } from '../../src/control.ts'
import { issueKey } from '../../src/features/keys/issueKey.ts'
import { openLog } from '../../src/log.ts'

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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** The API key of the folder's first account, made before any server runs. */
export async function makeKey(environment: Record<string, string>): Promise<string> {
  const config = loadConfig(environment)
  const control = await openControl(config, openLog(config))
  const { apiKey } = await issueKey(control, { account: 'killed', scopes: ['*'] })
  await control.close()
  return apiKey
}
