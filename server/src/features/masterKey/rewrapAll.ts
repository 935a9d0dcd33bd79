import type { Control } from '../../ports.ts'
import { messageOf } from '../../errors.ts'
import type { Files } from '../../store/files/files.ts'
import { announceKeyChange, keyStates } from '../keys/keyStates.ts'
import { replaceSealed, sealedColumns, sealedSecrets } from './sealedSecrets.ts'

/** What was re-encrypted under the current master key, and what could not be. */
export interface Rewrapped {
  secrets: number
  files: number
  /** Number checked so far. */
  seen: number
  failures: string[]
}

const maxFailures = 20

/**
 * Re-encrypts every secret and every file's data key under the current master key; the bytes of files stay. May stop
 * and be repeated at any point. Continues past unreadable ones and reports them.
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
  // Processes that cache secrets reload them.
  await postgres.transaction(announceKeyChange)
  keyStates(control).forget()
}
