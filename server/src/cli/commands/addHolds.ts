import type { Command } from 'commander'
import { examples } from '../examples.ts'

/** Adds `holds`: legal holds on calls. */
export function addHolds(program: Command): void {
  const holds = program.command('holds').description('manage legal holds, which prevent the deletion of calls')
  holds
    .command('set')
    .argument('<call>', 'the id of the call')
    .description('prevent every deletion of a call, its parts and its recording')
    .requiredOption('--account <name>', 'the account of the call')
    .requiredOption('--reason <text>', 'why the call must be kept')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('earshot holds set call-1 --account acme --reason "matter 2026-117"'))
    .action(async (call, options) => (await import('../holds.ts')).setHoldCommand(call, options))
  holds
    .command('release')
    .argument('<call>', 'the id of the call')
    .description('release the hold on a call')
    .requiredOption('--account <name>', 'the account of the call')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('earshot holds release call-1 --account acme'))
    .action(async (call, options) => (await import('../holds.ts')).releaseHoldCommand(call, options))
  holds
    .command('list')
    .description('list the calls under a legal hold')
    .requiredOption('--account <name>', 'the account')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('earshot holds list --account acme'))
    .action(async (options) => (await import('../holds.ts')).listHoldsCommand(options))
}
