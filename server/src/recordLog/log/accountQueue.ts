import type { Command } from '../command.ts'
import type { AccountMemory } from '../state/accountMemory.ts'
import type { Counters } from './commit.ts'
import type { Inserter } from './inserter.ts'

/** The state that one process keeps for an account that it writes to. */
export interface AccountQueue {
  waiting: Command[]
  isRunning: boolean
  /** The account's counters after the last commit; undefined when another process may have written since. */
  counters: Counters | undefined
  inserter: Inserter
  memory: AccountMemory
  /** Distinguishes this process's log entries from those of others. */
  processId: string
}
