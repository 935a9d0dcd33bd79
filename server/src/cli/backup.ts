import { mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { openPorts } from '../compose.ts'
import { loadConfig } from '../config.ts'
import { openControl } from '../control.ts'
import { bytesText } from '../domain/amounts.ts'
import { backUp, requireEmbedded, type BackupProgress } from '../features/backup/backUp.ts'
import { refuseNonEmpty } from '../features/backup/backupFolder.ts'
import { requestBackup } from '../features/backup/backupJob.ts'
import { endLost } from './endProcess.ts'
import { print, printJson, progressLine } from './output.ts'
import { findServer } from './serveFile.ts'
import { requireFolder } from './requireFolder.ts'
import { commandLog } from './withControl.ts'

/** Backs up the data folder. If a server runs on it, that process makes the backup. */
export async function backupCommand(folder: string, options: { json?: boolean }): Promise<void> {
  const config = loadConfig()
  requireEmbedded(config)
  requireFolder(config)
  const target = resolve(folder)
  await refuseNonEmpty(target)
  await mkdir(dirname(target), { recursive: true })
  const progress = progressLine()
  const onProgress = ({ doneBytes, totalBytes }: BackupProgress) =>
    progress.show(`Copied ${bytesText(doneBytes)}${totalBytes > 0 ? ` of ${bytesText(totalBytes)}` : ''}`)
  const isServed = (await findServer(config.dataDirectory)) !== undefined
  const log = commandLog(config)
  const opened = isServed ? await openControl(config, log) : await openPorts(config, log, endLost)
  try {
    const counts =
      'recordLog' in opened
        ? await backUp(opened, { target, onProgress })
        : await requestBackup(opened, { target, onProgress })
    progress.end()
    if (options.json) printJson({ backup: target, counts })
    else
      print(
        `Backed up to ${target}: ${counts.clickhouse['calls'] ?? 0} stored versions of calls, and all other data. Restore it with: earshot restore ${target}`,
      )
  } finally {
    progress.end()
    await opened.close()
  }
}
