import { describeFailure } from '../failure.ts'

/** The result of a check. `remedy` says what to fix, if anything. */
export interface Finding {
  check: string
  state: 'ok' | 'warn' | 'fail'
  found: string
  remedy?: string
}

export const ok = (check: string, found: string): Finding => ({ check, state: 'ok', found })
export const warn = (check: string, found: string, remedy: string): Finding => ({ check, state: 'warn', found, remedy })
export const fail = (check: string, found: string, remedy: string): Finding => ({ check, state: 'fail', found, remedy })

/** Runs a check. An error that it throws becomes a failed finding. */
export async function findingOf(check: string, look: () => Promise<Finding> | Finding): Promise<Finding> {
  try {
    return await look()
  } catch (error) {
    return thrown(check, error)
  }
}

/** The same for a check with several findings. */
export async function findingsOf(check: string, look: () => Promise<Finding[]>): Promise<Finding[]> {
  return look().catch((error: unknown) => [thrown(check, error)])
}

function thrown(check: string, error: unknown): Finding {
  return fail(check, describeFailure(error), 'Fix this, then run "earshot doctor" again.')
}
