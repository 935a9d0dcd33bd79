import type { Command } from 'commander'
import { examples } from './examples.ts'

/** How long an account keeps things. */
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
    .action(async (name, options) => (await import('./accounts.ts')).retentionCommand(name, options))
}

/** Legal holds. */
export function addHolds(program: Command): void {
  const holds = program.command('holds').description('keep calls from being deleted (legal holds)')
  holds
    .command('set')
    .argument('<call>', 'the id of the call')
    .description('keep a call, its parts and its recording, whatever deletes')
    .requiredOption('--account <name>', 'the account that it belongs to')
    .requiredOption('--reason <text>', 'why it must be kept')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('earshot holds set call-1 --account acme --reason "matter 2026-117"'))
    .action(async (call, options) => (await import('./holds.ts')).setHoldCommand(call, options))
  holds
    .command('release')
    .argument('<call>', 'the id of the call')
    .description('let it be deleted again')
    .requiredOption('--account <name>', 'the account that it belongs to')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('earshot holds release call-1 --account acme'))
    .action(async (call, options) => (await import('./holds.ts')).releaseHoldCommand(call, options))
  holds
    .command('list')
    .description('list the calls that are held')
    .requiredOption('--account <name>', 'the account that they belong to')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('earshot holds list --account acme'))
    .action(async (options) => (await import('./holds.ts')).listHoldsCommand(options))
}

/** The master key. */
export function addMasterKey(program: Command): void {
  const masterKey = program
    .command('master-key')
    .description('change the master key under which secrets and files are encrypted; works while the server runs')
  masterKey
    .command('rotate')
    .description('make a new master key and put everything under it; goes on where an earlier rotation broke off')
    .option('--drop-old', 'forget the older keys instead, once nothing is under them')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('earshot master-key rotate', 'earshot master-key rotate --drop-old'))
    .action(async (options) => (await import('./masterKey.ts')).rotateMasterKeyCommand(options))
  masterKey
    .command('show')
    .description('list the master keys by id, and how much is under each')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('earshot master-key show'))
    .action(async (options) => (await import('./masterKey.ts')).showMasterKeyCommand(options))
}
