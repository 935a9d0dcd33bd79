import type { Command } from 'commander'
import { examples } from '../examples.ts'

/** Adds `accounts retention`: how long an account keeps its records. */
export function addRetention(accounts: Command): void {
  accounts
    .command('retention')
    .argument('<name>', 'the name of the account')
    .description('show and change how long an account keeps its records: a number of days, or forever')
    .option('--recordings <days>', 'days from the upload of a recording')
    .option('--calls <days>', 'days from the end of a call, for the call with its parts and recording')
    .option('--turns <days>', 'days from the end of the call, for its turns')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      examples('earshot accounts retention acme', 'earshot accounts retention acme --recordings 30 --calls forever'),
    )
    .action(async (name, options) => (await import('../accounts.ts')).retentionCommand(name, options))
}
