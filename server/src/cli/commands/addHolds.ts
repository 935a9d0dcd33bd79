import type { Command } from 'commander'
import { examples } from '../examples.ts'

/** Adds `holds`: legal holds on calls. */
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
    .action(async (call, options) => (await import('../holds.ts')).setHoldCommand(call, options))
  holds
    .command('release')
    .argument('<call>', 'the id of the call')
    .description('let it be deleted again')
    .requiredOption('--account <name>', 'the account that it belongs to')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('earshot holds release call-1 --account acme'))
    .action(async (call, options) => (await import('../holds.ts')).releaseHoldCommand(call, options))
  holds
    .command('list')
    .description('list the calls that are held')
    .requiredOption('--account <name>', 'the account that they belong to')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('earshot holds list --account acme'))
    .action(async (options) => (await import('../holds.ts')).listHoldsCommand(options))
}
