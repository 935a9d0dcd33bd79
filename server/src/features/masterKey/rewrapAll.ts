import type { Control } from '../../ports.ts'
import { messageOf } from '../../errors.ts'
import type { Files } from '../../store/files/files.ts'
import { announceKeyChange, keyStates } from '../keys/keyStates.ts'
import { replaceSealed, sealedColumns, sealedSecrets } from './sealedSecrets.ts'

/** What was put under the current master key, and what could not be. */
export interface Rewrapped {
  secrets: number
  files: number
  /** Looked at so far. */
  seen: number
  failures: string[]
}

const maxFailures = 20

/**
 * Puts every sealed secret and every file's data key under the current master key; the files' bytes stay as they are. May
 * break off and be begun again anywhere: what is done is passed by. Goes on where one cannot be read, and tells which.
 */
export async function rewrapAll(
  control: Control,
  files: Files,
  onProgress: (progress: Rewrapped) => void = () => {},
): Promise<Rewrapped> {
  const done: Rewrapped = { secrets: 0, files: 0, seen: 0, failures: [] }
  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      if (done.failures.length < maxFailures) done.failures.push(`${what}: ${messageOf(error)}`)
    }
    done.seen++
    onProgress(done)
  }
  await rewrapSecrets(control, done, attempt)
  for await (const key of files.list('')) {
    await attempt(key, async () => {
      if (await files.rewrap(key)) done.files++
    })
  }
  return done
}

async function rewrapSecrets(
  control: Control,
  done: Rewrapped,
  attempt: (what: string, work: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const { postgres, secrets } = control
  for (const column of sealedColumns) {
    for await (const { owner, sealed } of sealedSecrets(postgres, column)) {
      await attempt(`${column.table}.${column.column} of ${owner}`, async () => {
        if (secrets.isCurrent(sealed)) return
        const purpose = column.purposeOf(owner)
        const to = secrets.seal(secrets.open(sealed, purpose), purpose)
        await replaceSealed(postgres, column, { owner, from: sealed, to })
        done.secrets++
      })
    }
  }
  if (done.secrets === 0) return
  // Processes that remember sealed secrets read them anew.
  await postgres.transaction(announceKeyChange)
  keyStates(control).forget()
}
