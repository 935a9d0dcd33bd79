import { loadConfig, type Config } from '../config.ts'
import { openControl } from '../control.ts'
import type { Control } from '../ports.ts'
import { openLog } from '../log.ts'
import { requireFolder } from './requireFolder.ts'
import type { Logger } from 'pino'

/** The log of a command. It goes to standard error, so that standard output holds only the result. */
export function commandLog(config: Config): Logger {
  const logLevel = config.logLevel === 'info' ? 'warn' : config.logLevel
  return openLog({ ...config, logLevel }, { write: (line) => void process.stderr.write(line) })
}

/** Runs a command on the control database, whether or not the server runs. */
export async function withControl<T>(
  work: (control: Control) => Promise<T>,
  { isKeyLost = false, ...folder }: { madeIfNamed?: boolean; isKeyLost?: boolean } = {},
): Promise<T> {
  const config = loadConfig()
  requireFolder(config, folder)
  const control = await openControl(config, commandLog(config), { isKeyLost })
  try {
    return await work(control)
  } finally {
    await control.close()
  }
}
