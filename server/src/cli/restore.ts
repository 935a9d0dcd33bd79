import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { loadConfig } from '../config.ts'
import { bytesText } from '../domain/amounts.ts'
import { requireEmbedded } from '../features/backup/backUp.ts'
import { restore } from '../features/backup/restore.ts'
import { CommandError } from './failure.ts'
import { print, printJson, progressLine } from './output.ts'
import { findServer } from './serveFile.ts'
import { commandLog } from './withControl.ts'

/** Creates the data folder from a backup; no server may run on it. */
export async function restoreCommand(folder: string, options: { force?: boolean; json?: boolean }): Promise<void> {
  const config = loadConfig()
  requireEmbedded(config)
  const server = await findServer(config.dataDirectory)
  if (server) {
    throw new CommandError(
      `The data folder ${config.dataDirectory} is in use by the server with pid ${server.pid}; stop it first.`,
    )
  }
  await mkdir(config.dataDirectory, { recursive: true, mode: 0o700 })
  const progress = progressLine()
  const { manifest, movedTo } = await restore(config, {
    source: resolve(folder),
    force: options.force ?? false,
    log: commandLog(config),
    onProgress: (phase, done, total) =>
      progress.show(`${phase === 'checking' ? 'Checked' : 'Loaded'} ${bytesText(done)} of ${bytesText(total)}`),
  }).finally(() => progress.end())
  if (options.json) {
    return printJson({
      dataDirectory: config.dataDirectory,
      createdAt: manifest.createdAt,
      counts: manifest.counts,
      movedTo,
    })
  }
  print(
    `Restored the backup of ${manifest.createdAt} to ${config.dataDirectory}; every file and row equals the backup.`,
  )
  if (movedTo) print(`The previous contents are in ${movedTo}.`)
}
