import type { Command } from 'commander'
import { examples } from '../examples.ts'

/** Adds `accounts retention`: how long an account keeps its records. */
export function addRetention(accounts: Command): void {
  accounts
    .command('retention')
    .argument('<name>', 'the name of the account')
    .description('show how many days an account keeps things, and change what is given: days, or forever')
    .option('--recordings <days>', 'recordings, counted from their upload')
    .option('--calls <days>', 'calls with everything of them, counted from their end')
    .option('--turns <days>', 'turns, counted from the end of their call')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      examples('earshot accounts retention acme', 'earshot accounts retention acme --recordings 30 --calls forever'),
    )
    .action(async (name, options) => (await import('../accounts.ts')).retentionCommand(name, options))
}
