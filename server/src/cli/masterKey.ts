import { counted } from '../domain/amounts.ts'
import { loadConfig } from '../config.ts'
import type { Control } from '../ports.ts'
import { dropOldMasterKeys } from '../features/masterKey/dropOldMasterKeys.ts'
import { masterKeyUse } from '../features/masterKey/masterKeyUse.ts'
import { resetMasterKey } from '../features/masterKey/resetMasterKey.ts'
import { rotateMasterKey } from '../features/masterKey/rotateMasterKey.ts'
import type { Files } from '../store/files/files.ts'
import { openFiles } from '../store/files/openFiles.ts'
import { agrees } from './agrees.ts'
import { CommandError } from './failure.ts'
import { print, printJson, printTable, progressLine } from './output.ts'
import { findServer } from './serveFile.ts'
import { withControl } from './withControl.ts'

/** Encrypts everything under a new master key, or removes older keys; works while the server runs. */
export async function rotateMasterKeyCommand(options: { dropOld?: boolean; json?: boolean }): Promise<void> {
  if (options.dropOld) return dropOld(options.json ?? false)
  const progress = progressLine()
  const done = await withFiles((control, files) =>
    rotateMasterKey(control, files, ({ seen }) => progress.show(`Looked at secrets and files: ${seen}`)),
  ).finally(() => progress.end())
  const { masterKeyId, secrets, files, failures } = done
  if (options.json) printJson({ masterKeyId, secrets, files, failures })
  else {
    print(
      `The master key is now ${masterKeyId}, with ${counted(secrets, 'secret')} and ${counted(files, 'file')} under it.`,
    )
    for (const failure of failures) print(`  Not done: ${failure}`)
    if (failures.length === 0) {
      const isConfigured = loadConfig().masterKey !== ''
      print(
        `The older keys are no longer needed: ${isConfigured ? 'remove them from EARSHOT_MASTER_KEY' : 'earshot master-key rotate --drop-old'}`,
      )
    }
  }
  if (failures.length > 0)
    throw new CommandError(
      'Some secrets or files could not be encrypted under the new master key; fix the causes and rotate again.',
    )
}

async function dropOld(asJson: boolean): Promise<void> {
  const dropped = await withFiles(dropOldMasterKeys)
  if (asJson) return printJson({ dropped })
  print(dropped.length === 0 ? 'There is no older master key.' : `Dropped: ${dropped.join(', ')}.`)
}

/** Lists the master keys with the number of secrets and files under each. */
export async function showMasterKeyCommand(options: { json?: boolean }): Promise<void> {
  const uses = await withFiles(masterKeyUse)
  if (options.json) return printJson(uses)
  printTable(
    ['ID', 'STATE', 'SECRETS', 'FILES'],
    uses.map(({ id, isCurrent, isKnown, secrets, files }) => [
      id,
      isCurrent ? 'current' : isKnown ? 'older' : 'missing',
      String(secrets),
      String(files),
    ]),
  )
}

async function withFiles<T>(work: (control: Control, files: Files) => Promise<T>): Promise<T> {
  return withControl(async (control) => work(control, await openFiles(control.config, control.secrets, control.log)))
}

/** Replaces every secret under a master key that is lost for good. */
export async function resetMasterKeyCommand(options: { yes?: boolean; json?: boolean }): Promise<void> {
  const server = await findServer(loadConfig().dataDirectory)
  if (server) throw new CommandError(`Earshot serves this data folder (pid ${server.pid}); stop it first.`)
  const question =
    'Recordings and exports under the lost master key stay unreadable; the JWT, HMAC and webhook secrets are replaced. Continue? [y/N] '
  if (!options.yes && !(await agrees(question))) {
    throw new CommandError(
      'Nothing was changed. Restore master.key from a backup if there is one; if the key is lost for good, add --yes.',
    )
  }
  const reset = await withControl(resetMasterKey, { isKeyLost: true })
  if (options.json) return printJson(reset)
  for (const [name, count] of Object.entries(reset)) print(`Replaced: ${count} of ${name}`)
  print('Rotate the API keys whose JWT or HMAC secret is used (earshot keys rotate), and the secrets of webhooks.')
}
